"""Plans, places and what was imported: all tables.

Extensions and roles are made by the bootstrap step, never here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Counts the loadings of places; part of the address of their tiles.
    op.execute("CREATE SEQUENCE places_version")
    op.create_geospatial_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("bps_code", sa.String(length=32), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.String(length=32), nullable=True),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "level IN ('city', 'kecamatan', 'kelurahan', 'rt', 'sea', 'neighbour')",
            name=op.f("ck_area_level"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
    )
    op.create_geospatial_index(
        "idx_area_geom", "area", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index("ix_area_level_code", "area", ["level", "code"], unique=True)
    op.create_table(
        "kbli_correspondence",
        sa.Column("from_edition", sa.Text(), nullable=False),
        sa.Column("from_code", sa.Text(), nullable=False),
        sa.Column("to_edition", sa.Text(), nullable=False),
        sa.Column("to_code", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "from_edition", "from_code", "to_edition", "to_code", name=op.f("pk_kbli_correspondence")
        ),
    )
    op.create_geospatial_table(
        "landmark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("kelurahan_code", sa.String(length=32), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landmark")),
    )
    op.create_geospatial_index(
        "idx_landmark_geom", "landmark", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_table(
        "parcel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nib", sa.String(length=20), nullable=False),
        sa.Column("kelurahan_code", sa.String(length=32), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel")),
        sa.UniqueConstraint("nib", name=op.f("uq_parcel_nib")),
    )
    op.create_geospatial_index(
        "idx_parcel_geom", "parcel", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "place_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("bbox", postgresql.ARRAY(sa.Float()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_name")),
    )
    op.create_index(
        "ix_place_name_search_text",
        "place_name",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("utm_zone", sa.Integer(), nullable=False),
        sa.Column("south", sa.Boolean(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("accuracy_m", sa.Float(), nullable=False),
        sa.Column("sample", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("region", postgresql.ARRAY(sa.Float()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("code", name=op.f("uq_plan_code")),
    )
    op.create_geospatial_table(
        "road",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("road_class", sa.String(length=16), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTILINESTRING",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "road_class IN ('arteri', 'kolektor', 'lokal', 'lingkungan')", name=op.f("ck_road_road_class")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road")),
    )
    op.create_geospatial_index(
        "idx_road_geom", "road", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "plan_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), server_default="draft", nullable=False),
        sa.Column("base_version_id", sa.Integer(), nullable=True),
        sa.Column("valid", postgresql.DATERANGE(), nullable=True),
        sa.Column("legal_reference", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("overlaps_m2", sa.Float(), nullable=True),
        sa.Column("gaps_m2", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawal_reason", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("plan_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("state = 'published'"),
            using="gist",
            name="ex_plan_version_valid",
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL AND withdrawal_reason IS NOT NULL)",
            name=op.f("ck_plan_version_withdrawn_has_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'review', 'published', 'withdrawn')", name=op.f("ck_plan_version_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('published', 'withdrawn') OR (valid IS NOT NULL AND NOT isempty(valid) AND NOT lower_inf(valid) AND content_hash IS NOT NULL AND published_at IS NOT NULL)",
            name=op.f("ck_plan_version_published_is_complete"),
        ),
        sa.ForeignKeyConstraint(
            ["base_version_id"],
            ["plan_version.id"],
            name=op.f("fk_plan_version_base_version_id_plan_version"),
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_version_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_version")),
        sa.UniqueConstraint("plan_id", "seq", name=op.f("uq_plan_version_plan_id_seq")),
    )
    op.create_index(
        "uq_plan_version_open",
        "plan_version",
        ["plan_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'review')"),
    )
    op.create_table(
        "zone",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_zone_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
        sa.UniqueConstraint("id", "plan_id", name=op.f("uq_zone_id_plan_id")),
    )
    op.create_table(
        "activity",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.Column("kbli", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("kbli_edition", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kbli_title", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("synonyms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_activity_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "activity_id", name=op.f("pk_activity")),
    )
    op.create_index(
        "ix_activity_search_text",
        "activity",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_table(
        "article",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_article_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "number", name=op.f("pk_article")),
    )
    op.create_table(
        "changeset",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_changeset_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changeset")),
    )
    op.create_index(op.f("ix_changeset_version_id"), "changeset", ["version_id"], unique=False)
    op.create_table(
        "intensity_rule",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subzone_code", sa.Text(), nullable=False),
        sa.Column("applies", sa.Text(), nullable=True),
        sa.Column("road_class", sa.Text(), nullable=True),
        sa.Column("lot_min_m2", sa.Float(), nullable=True),
        sa.Column("lot_max_m2", sa.Float(), nullable=True),
        sa.Column("building_type", sa.Text(), nullable=True),
        sa.Column("kdb_max_pct", sa.Float(), nullable=True),
        sa.Column("klb_max_ratio", sa.Float(), nullable=True),
        sa.Column("kdh_min_pct", sa.Float(), nullable=True),
        sa.Column("ktb_max_pct", sa.Float(), nullable=True),
        sa.Column("gsb_min_m", sa.Float(), nullable=True),
        sa.Column("side_min_m", sa.Float(), nullable=True),
        sa.Column("rear_min_m", sa.Float(), nullable=True),
        sa.Column("height_max_m", sa.Float(), nullable=True),
        sa.Column("floors_max", sa.Integer(), nullable=True),
        sa.Column("article", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_intensity_rule_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_intensity_rule")),
    )
    op.create_table(
        "overlay_rule",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("article", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_overlay_rule_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "kind", "class", name=op.f("pk_overlay_rule")),
    )
    op.create_table(
        "source_feature",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.BigInteger(), nullable=True),
        sa.Column("properties", postgresql.JSON(astext_type=sa.Text()), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("repaired_m2", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_source_feature_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_source_feature_zone_id_zone")),
        sa.PrimaryKeyConstraint("version_id", "number", name=op.f("pk_source_feature")),
    )
    op.create_table(
        "source_file",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("driver", sa.Text(), nullable=False),
        sa.Column("crs", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("schema", postgresql.JSON(astext_type=sa.Text()), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_source_file_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_source_file")),
    )
    op.create_table(
        "subzone",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("domain_code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("colour_official", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_subzone_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "code", name=op.f("pk_subzone")),
    )
    op.create_geospatial_table(
        "tile_zone",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("zoom", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_tile_zone_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_tile_zone_zone_id_zone")),
        sa.PrimaryKeyConstraint("version_id", "zoom", "zone_id", name=op.f("pk_tile_zone")),
    )
    op.create_geospatial_index(
        "idx_tile_zone_geom", "tile_zone", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "use_condition",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("article", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_use_condition_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "code", name=op.f("pk_use_condition")),
    )
    op.create_table(
        "zone_lineage",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("parent_zone_id", sa.BigInteger(), nullable=False),
        sa.Column("child_zone_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.CheckConstraint("kind IN ('split', 'merge', 'carve', 'repair')", name=op.f("ck_zone_lineage_kind")),
        sa.ForeignKeyConstraint(["child_zone_id"], ["zone.id"], name=op.f("fk_zone_lineage_child_zone_id_zone")),
        sa.ForeignKeyConstraint(["parent_zone_id"], ["zone.id"], name=op.f("fk_zone_lineage_parent_zone_id_zone")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_zone_lineage_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "parent_zone_id", "child_zone_id", name=op.f("pk_zone_lineage")),
    )
    op.create_table(
        "permitted_use",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.Column("subzone_code", sa.Text(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("conditions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('allowed', 'limited', 'conditional', 'limited_conditional', 'forbidden', 'undecided')",
            name=op.f("ck_permitted_use_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id", "activity_id"],
            ["activity.version_id", "activity.activity_id"],
            name=op.f("fk_permitted_use_version_id_activity_id_activity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id", "subzone_code"],
            ["subzone.version_id", "subzone.code"],
            name=op.f("fk_permitted_use_version_id_subzone_code_subzone"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "activity_id", "subzone_code", name=op.f("pk_permitted_use")),
    )
    op.create_geospatial_table(
        "zone_revision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("zone_id", sa.BigInteger(), nullable=False),
        sa.Column("changeset_id", sa.BigInteger(), nullable=True),
        sa.Column("subzone_code", sa.Text(), nullable=False),
        sa.Column("block", sa.Text(), nullable=True),
        sa.Column("sub_block", sa.Text(), nullable=True),
        sa.Column("legal_area_ha", sa.Float(), nullable=True),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("overlays", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["changeset_id"],
            ["changeset.id"],
            name=op.f("fk_zone_revision_changeset_id_changeset"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_zone_revision_zone_id_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_revision")),
        sa.UniqueConstraint("id", "zone_id", name=op.f("uq_zone_revision_id_zone_id")),
    )
    op.create_geospatial_index(
        "idx_zone_revision_geom",
        "zone_revision",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_zone_revision_zone_id"), "zone_revision", ["zone_id"], unique=False)
    op.create_table(
        "version_zone",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.BigInteger(), nullable=False),
        sa.Column("revision_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id", "zone_id"],
            ["zone_revision.id", "zone_revision.zone_id"],
            name=op.f("fk_version_zone_revision_id_zone_id_zone_revision"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_version_zone_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_version_zone_zone_id_zone")),
        sa.PrimaryKeyConstraint("version_id", "zone_id", name=op.f("pk_version_zone")),
    )
    op.create_index("ix_version_zone_revision_id", "version_zone", ["revision_id"], unique=False)


def downgrade() -> None:
    op.execute("DROP SEQUENCE places_version")
    op.drop_index("ix_version_zone_revision_id", table_name="version_zone")
    op.drop_table("version_zone")
    op.drop_index(op.f("ix_zone_revision_zone_id"), table_name="zone_revision")
    op.drop_geospatial_index(
        "idx_zone_revision_geom", table_name="zone_revision", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("zone_revision")
    op.drop_table("permitted_use")
    op.drop_table("zone_lineage")
    op.drop_table("use_condition")
    op.drop_geospatial_index("idx_tile_zone_geom", table_name="tile_zone", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("tile_zone")
    op.drop_table("subzone")
    op.drop_table("source_file")
    op.drop_table("source_feature")
    op.drop_table("overlay_rule")
    op.drop_table("intensity_rule")
    op.drop_index(op.f("ix_changeset_version_id"), table_name="changeset")
    op.drop_table("changeset")
    op.drop_table("article")
    op.drop_index(
        "ix_activity_search_text",
        table_name="activity",
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.drop_table("activity")
    op.drop_table("zone")
    op.drop_index(
        "uq_plan_version_open",
        table_name="plan_version",
        postgresql_where=sa.text("state IN ('draft', 'review')"),
    )
    op.drop_table("plan_version")
    op.drop_geospatial_index("idx_road_geom", table_name="road", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("road")
    op.drop_table("plan")
    op.drop_index(
        "ix_place_name_search_text",
        table_name="place_name",
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.drop_table("place_name")
    op.drop_geospatial_index("idx_parcel_geom", table_name="parcel", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("parcel")
    op.drop_geospatial_index("idx_landmark_geom", table_name="landmark", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("landmark")
    op.drop_table("kbli_correspondence")
    op.drop_index("ix_area_level_code", table_name="area")
    op.drop_geospatial_index("idx_area_geom", table_name="area", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("area")
