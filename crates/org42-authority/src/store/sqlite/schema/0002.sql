-- Who could do everything is an administrator; the others have the role of new users.

ALTER TABLE org_user ADD COLUMN roles TEXT NOT NULL DEFAULT '["desktop-user"]'; -- JSON: ids
UPDATE org_user SET roles = '["customer-cloud-admin"]' WHERE is_admin <> 0;
ALTER TABLE org_user DROP COLUMN is_admin;
