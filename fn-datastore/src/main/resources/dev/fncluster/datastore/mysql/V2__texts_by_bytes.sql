-- The texts of tables that others made sort by the database's collation, which may take different
-- names for one. Tables of an older database may be large.
SET SESSION lock_wait_timeout = 45 /*M!100108 , max_statement_time = 50 */;

ALTER TABLE apps ENGINE = InnoDB, ROW_FORMAT = DYNAMIC,
  CONVERT TO CHARACTER SET utf8mb4 COLLATE ${collation},
  MODIFY config mediumtext CHARACTER SET utf8mb4 COLLATE ${collation} NOT NULL,
  MODIFY annotations mediumtext CHARACTER SET utf8mb4 COLLATE ${collation} NOT NULL;

ALTER TABLE fns ENGINE = InnoDB, ROW_FORMAT = DYNAMIC,
  CONVERT TO CHARACTER SET utf8mb4 COLLATE ${collation},
  MODIFY config mediumtext CHARACTER SET utf8mb4 COLLATE ${collation} NOT NULL,
  MODIFY annotations mediumtext CHARACTER SET utf8mb4 COLLATE ${collation} NOT NULL;

ALTER TABLE triggers ENGINE = InnoDB, ROW_FORMAT = DYNAMIC,
  CONVERT TO CHARACTER SET utf8mb4 COLLATE ${collation},
  MODIFY annotations mediumtext CHARACTER SET utf8mb4 COLLATE ${collation} NOT NULL;

SET SESSION lock_wait_timeout = 5 /*M!100108 , max_statement_time = 20 */;
