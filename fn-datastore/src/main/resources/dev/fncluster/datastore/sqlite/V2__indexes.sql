-- What lists and look-ups need beyond the unique constraints.
CREATE INDEX IF NOT EXISTS fn_cluster_triggers_by_source ON triggers (app_id, type, source);
CREATE INDEX IF NOT EXISTS fn_cluster_triggers_by_name ON triggers (app_id, name, id);
CREATE INDEX IF NOT EXISTS fn_cluster_triggers_by_fn ON triggers (fn_id);
