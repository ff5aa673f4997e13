"""Published content is immutable; the application's role gets what it needs and no more.

Revision 0002, after 0001. The rules stand in migrations/README.md.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Tables whose rows belong to one version, and become immutable with it.
CONTENT = (
    "version_zone",
    "zone_lineage",
    "source_file",
    "source_feature",
    "subzone",
    "activity",
    "permitted_use",
    "use_condition",
    "intensity_rule",
    "overlay_rule",
    "article",
)
# Written by the application, and not legal content of a version.
PLAIN = ("area", "parcel", "road", "landmark", "place_name", "kbli_correspondence", "tile_zone", "changeset")

FUNCTIONS = """
-- The version's row is locked FOR SHARE, so that content cannot slip in while the version is being published:
-- publishing holds the row, this waits, and then sees the new state.
CREATE FUNCTION guard_version_content() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    state_now text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT state INTO state_now FROM plan_version WHERE id = OLD.version_id FOR SHARE;
        IF state_now IN ('published', 'withdrawn') THEN
            RAISE EXCEPTION 'version % is %: its content (%) cannot change', OLD.version_id, state_now, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT state INTO state_now FROM plan_version WHERE id = NEW.version_id FOR SHARE;
        IF state_now IN ('published', 'withdrawn') THEN
            RAISE EXCEPTION 'version % is %: nothing can be added to it (%)', NEW.version_id, state_now, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION guard_plan_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state IN ('published', 'withdrawn') THEN
            RAISE EXCEPTION 'version % is % and cannot be deleted', OLD.id, OLD.state USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state = 'withdrawn' THEN
        RAISE EXCEPTION 'version % is withdrawn and cannot change', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'published' THEN
        IF (OLD.id, OLD.plan_id, OLD.seq, OLD.base_version_id, OLD.legal_reference, OLD.content_hash, OLD.overlaps_m2,
            OLD.gaps_m2, OLD.created_at, OLD.published_at, lower(OLD.valid))
           IS DISTINCT FROM
           (NEW.id, NEW.plan_id, NEW.seq, NEW.base_version_id, NEW.legal_reference, NEW.content_hash, NEW.overlaps_m2,
            NEW.gaps_m2, NEW.created_at, NEW.published_at, lower(NEW.valid))
           OR NEW.state NOT IN ('published', 'withdrawn')
        THEN
            RAISE EXCEPTION 'version % is published: only the end of its validity and its withdrawal may be recorded', OLD.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        -- The end moves only for a successor: a published version of the same plan that begins where this one ends.
        IF upper(NEW.valid) IS DISTINCT FROM upper(OLD.valid) AND NOT EXISTS (
            SELECT FROM plan_version successor
            WHERE successor.plan_id = OLD.plan_id AND successor.id <> OLD.id
              AND successor.state IN ('draft', 'review', 'published') AND lower(successor.valid) = upper(NEW.valid)
        ) THEN
            RAISE EXCEPTION 'version % is published: its validity ends only where a successor begins', OLD.id
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION guard_zone_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- Only the changeset's own deletion, with its draft, may clear the reference to it.
        IF to_jsonb(NEW) - 'changeset_id' = to_jsonb(OLD) - 'changeset_id' AND NEW.changeset_id IS NULL THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'zone revision % cannot change: write a new revision', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION guard_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM plan_version WHERE state IN ('published', 'withdrawn')) THEN
        RAISE EXCEPTION '% holds published content and cannot be truncated', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
"""

GRANTS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ruang_app') AND current_user <> 'ruang_app' THEN
        GRANT USAGE ON SCHEMA public TO ruang_app;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ruang_app;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO ruang_app;
        GRANT INSERT, DELETE ON {content} TO ruang_app;
        GRANT UPDATE (zone_id, refused, repaired_m2) ON source_feature TO ruang_app;
        GRANT INSERT, UPDATE, DELETE ON {plain} TO ruang_app;
        GRANT INSERT ON plan, zone, zone_revision, plan_version TO ruang_app;
        GRANT DELETE ON zone, zone_revision, plan_version TO ruang_app;
        GRANT UPDATE (state, valid, legal_reference, content_hash, overlaps_m2, gaps_m2, published_at, withdrawn_at,
                      withdrawal_reason) ON plan_version TO ruang_app;
        GRANT UPDATE (changeset_id) ON zone_revision TO ruang_app;
        REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM ruang_app;
    END IF;
END $$;
"""

REVOKE = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ruang_app') AND current_user <> 'ruang_app' THEN
        REVOKE ALL ON {tables} FROM ruang_app;
    END IF;
END $$;
"""

GUARDED = (*CONTENT, "zone_revision", "plan_version")


def upgrade() -> None:
    op.execute(FUNCTIONS)
    for table in CONTENT:
        op.execute(
            f"CREATE TRIGGER guard_content BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION guard_version_content()"
        )
    op.execute(
        "CREATE TRIGGER guard_version BEFORE UPDATE OR DELETE ON plan_version"
        " FOR EACH ROW EXECUTE FUNCTION guard_plan_version()"
    )
    op.execute(
        "CREATE TRIGGER guard_revision BEFORE UPDATE ON zone_revision"
        " FOR EACH ROW EXECUTE FUNCTION guard_zone_revision()"
    )
    for table in GUARDED:
        op.execute(
            f"CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION guard_truncate()"
        )
    op.execute(GRANTS.format(content=", ".join(CONTENT), plain=", ".join(PLAIN)))


def downgrade() -> None:
    for table in GUARDED:
        op.execute(f"DROP TRIGGER guard_truncate ON {table}")
    op.execute("DROP TRIGGER guard_revision ON zone_revision")
    op.execute("DROP TRIGGER guard_version ON plan_version")
    for table in CONTENT:
        op.execute(f"DROP TRIGGER guard_content ON {table}")
    for function in ("guard_version_content", "guard_plan_version", "guard_zone_revision", "guard_truncate"):
        op.execute(f"DROP FUNCTION {function}()")
    op.execute(REVOKE.format(tables=", ".join((*CONTENT, *PLAIN, "plan", "zone", "zone_revision", "plan_version"))))
