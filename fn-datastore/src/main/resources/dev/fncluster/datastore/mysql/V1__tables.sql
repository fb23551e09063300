-- The tables of schema version 26, as other implementations make them, but with texts that compare
-- by their bytes, and room for long ones.
CREATE TABLE IF NOT EXISTS apps (
  id varchar(256) NOT NULL PRIMARY KEY,
  name varchar(256) NOT NULL UNIQUE,
  config mediumtext NOT NULL,
  annotations mediumtext NOT NULL,
  syslog_url text,
  created_at varchar(256),
  updated_at varchar(256),
  shape text
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation};

CREATE TABLE IF NOT EXISTS fns (
  id varchar(256) NOT NULL PRIMARY KEY,
  name varchar(256) NOT NULL,
  app_id varchar(256) NOT NULL,
  image varchar(256) NOT NULL,
  memory int NOT NULL,
  timeout int NOT NULL,
  idle_timeout int NOT NULL,
  config mediumtext NOT NULL,
  annotations mediumtext NOT NULL,
  created_at varchar(256) NOT NULL,
  updated_at varchar(256) NOT NULL,
  shape text,
  CONSTRAINT name_app_id_unique UNIQUE (app_id, name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation};

CREATE TABLE IF NOT EXISTS triggers (
  id varchar(256) NOT NULL PRIMARY KEY,
  name varchar(256) NOT NULL,
  app_id varchar(256) NOT NULL,
  fn_id varchar(256) NOT NULL,
  created_at varchar(256) NOT NULL,
  updated_at varchar(256) NOT NULL,
  type varchar(256) NOT NULL,
  source varchar(256) NOT NULL,
  annotations mediumtext NOT NULL,
  CONSTRAINT name_app_id_fn_id_unique UNIQUE (app_id, fn_id, name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation};

CREATE TABLE IF NOT EXISTS schema_migrations (
  version bigint NOT NULL PRIMARY KEY,
  dirty boolean NOT NULL
) ENGINE = InnoDB;

INSERT INTO schema_migrations (version, dirty)
  SELECT 26, false FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM schema_migrations);
