"""The trail is append-only: of a real installation no line is changed or deleted.

A demo may be thrown away as a whole, and a look is forgotten after a year.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION rotation_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'rotation_look' THEN
        IF OLD.at < now() - interval '1 year' THEN
            RETURN OLD;
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' OR EXISTS (SELECT FROM rotation_installation WHERE NOT demo) THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER entry_is_append_only BEFORE UPDATE OR DELETE ON rotation_entry
    FOR EACH ROW EXECUTE FUNCTION rotation_refuse_change();
CREATE TRIGGER entry_is_never_emptied BEFORE TRUNCATE ON rotation_entry
    FOR EACH STATEMENT EXECUTE FUNCTION rotation_refuse_change();
CREATE TRIGGER look_is_append_only BEFORE UPDATE OR DELETE ON rotation_look
    FOR EACH ROW EXECUTE FUNCTION rotation_refuse_change();
CREATE TRIGGER look_is_never_emptied BEFORE TRUNCATE ON rotation_look
    FOR EACH STATEMENT EXECUTE FUNCTION rotation_refuse_change();
"""
ALLOW = """
DROP TRIGGER entry_is_append_only ON rotation_entry;
DROP TRIGGER entry_is_never_emptied ON rotation_entry;
DROP TRIGGER look_is_append_only ON rotation_look;
DROP TRIGGER look_is_never_emptied ON rotation_look;
DROP FUNCTION rotation_refuse_change;
"""


class Migration(migrations.Migration):
    dependencies = [("rotation", "0002_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
