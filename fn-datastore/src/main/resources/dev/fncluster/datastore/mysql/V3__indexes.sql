-- What lists and look-ups need beyond the unique constraints. A statement is not undone when the one
-- behind it fails, so each asks what is there.
SET SESSION lock_wait_timeout = 45 /*M!100108 , max_statement_time = 50 */;

SET @fn_cluster = IF(EXISTS (SELECT 1 FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND index_name = 'fn_cluster_apps_by_name'),
  'DO 0', 'CREATE INDEX fn_cluster_apps_by_name ON apps (name, id)');
PREPARE fn_cluster FROM @fn_cluster;
EXECUTE fn_cluster;
DEALLOCATE PREPARE fn_cluster;

SET @fn_cluster = IF(EXISTS (SELECT 1 FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND index_name = 'fn_cluster_fns_by_name'),
  'DO 0', 'CREATE INDEX fn_cluster_fns_by_name ON fns (app_id, name, id)');
PREPARE fn_cluster FROM @fn_cluster;
EXECUTE fn_cluster;
DEALLOCATE PREPARE fn_cluster;

SET @fn_cluster = IF(EXISTS (SELECT 1 FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND index_name = 'fn_cluster_triggers_by_name'),
  'DO 0', 'CREATE INDEX fn_cluster_triggers_by_name ON triggers (app_id, name, id)');
PREPARE fn_cluster FROM @fn_cluster;
EXECUTE fn_cluster;
DEALLOCATE PREPARE fn_cluster;

SET @fn_cluster = IF(EXISTS (SELECT 1 FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND index_name = 'fn_cluster_triggers_by_source'),
  'DO 0', 'CREATE INDEX fn_cluster_triggers_by_source ON triggers (app_id, type, source)');
PREPARE fn_cluster FROM @fn_cluster;
EXECUTE fn_cluster;
DEALLOCATE PREPARE fn_cluster;

SET @fn_cluster = IF(EXISTS (SELECT 1 FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND index_name = 'fn_cluster_triggers_by_fn'),
  'DO 0', 'CREATE INDEX fn_cluster_triggers_by_fn ON triggers (fn_id)');
PREPARE fn_cluster FROM @fn_cluster;
EXECUTE fn_cluster;
DEALLOCATE PREPARE fn_cluster;

SET SESSION lock_wait_timeout = 5 /*M!100108 , max_statement_time = 20 */;
