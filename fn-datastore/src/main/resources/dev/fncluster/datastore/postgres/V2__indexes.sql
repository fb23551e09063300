-- What lists and look-ups need beyond the unique constraints; names and ids by their bytes.
-- Tables of an older database may be large.
SET LOCAL statement_timeout = '50s';
CREATE INDEX IF NOT EXISTS fn_cluster_apps_by_name ON apps (name COLLATE "C", id COLLATE "C");
CREATE INDEX IF NOT EXISTS fn_cluster_fns_by_name ON fns (app_id, name COLLATE "C", id COLLATE "C");
CREATE INDEX IF NOT EXISTS fn_cluster_triggers_by_name ON triggers (app_id, name COLLATE "C", id COLLATE "C");
CREATE INDEX IF NOT EXISTS fn_cluster_triggers_by_source ON triggers (app_id, type, source);
CREATE INDEX IF NOT EXISTS fn_cluster_triggers_by_fn ON triggers (fn_id);
