"""Exchange of a draft with other tools: GeoPackage out and in, whole new layers, rule tables as workbooks."""
