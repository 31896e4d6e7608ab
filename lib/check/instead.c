/* There is no list here of which server has which function: the servers are asked (server/ask.h),
 * which is exact for versions and plugins that nobody has listed. Here is what no server can say.
 *
 * Sources: "Function Changes" under "What Is New" and the upgrading notes of the MySQL manual for
 * 5.7, 8.0, 8.4 and 9.7, "Function Differences Between MariaDB and MySQL" in the MariaDB
 * documentation. tests/38-lost.bats tries every name on the servers that are to be had. */
#include "check/instead.h"
#include "base/buf.h"
#include "sql/lexer.h"

static const struct {
	const char *name;
	const char *mysql, *mariadb; /* on such a target; NULL: nothing that is the same */
} instead[] = {
    /* gone from MySQL 9.6: a component has them, for views and programs */
    {"MD5",
     "INSTALL COMPONENT 'file://component_classic_hashing' on the target, which a view or a "
     "program "
     "may call and a table may not: there, a column that the application fills",
     NULL},
    {"SHA1",
     "INSTALL COMPONENT 'file://component_classic_hashing' on the target, which a view or a "
     "program "
     "may call and a table may not: there, SHA2(..., 256), or a column that the application fills",
     NULL},
    {"SHA",
     "INSTALL COMPONENT 'file://component_classic_hashing' on the target, which a view or a "
     "program "
     "may call and a table may not: there, SHA2(..., 256), or a column that the application fills",
     NULL},
    /* gone from MySQL 8.0 */
    {"PASSWORD", "SHA2() in the application's own accounts; nothing for the server's", NULL},
    {"OLD_PASSWORD", "SHA2()", NULL},
    {"ENCODE", "AES_ENCRYPT(), after decoding what is stored on the source", NULL},
    {"DECODE", "AES_DECRYPT(); under Oracle's mode CASE", NULL},
    {"ENCRYPT", "SHA2()", NULL},
    {"DES_ENCRYPT", "AES_ENCRYPT(), after decrypting what is stored on the source", NULL},
    {"DES_DECRYPT", "AES_DECRYPT(), after decrypting what is stored on the source", NULL},
    {"AREA", "ST_Area()", NULL},
    {"ASBINARY", "ST_AsBinary()", NULL},
    {"ASTEXT", "ST_AsText()", NULL},
    {"ASWKB", "ST_AsBinary()", NULL},
    {"ASWKT", "ST_AsText()", NULL},
    {"BUFFER", "ST_Buffer()", NULL},
    {"CENTROID", "ST_Centroid()", NULL},
    {"CONTAINS", "MBRContains()", NULL},
    {"CONVEXHULL", "ST_ConvexHull()", NULL},
    {"CROSSES", "ST_Crosses()", NULL},
    {"DIMENSION", "ST_Dimension()", NULL},
    {"DISJOINT", "MBRDisjoint()", NULL},
    {"ENDPOINT", "ST_EndPoint()", NULL},
    {"ENVELOPE", "ST_Envelope()", NULL},
    {"EQUALS", "MBREquals()", NULL},
    {"EXTERIORRING", "ST_ExteriorRing()", NULL},
    {"GEOMFROMTEXT", "ST_GeomFromText()", NULL},
    {"GEOMFROMWKB", "ST_GeomFromWKB()", NULL},
    {"GEOMETRYFROMTEXT", "ST_GeomFromText()", NULL},
    {"GEOMETRYFROMWKB", "ST_GeomFromWKB()", NULL},
    {"GEOMETRYN", "ST_GeometryN()", NULL},
    {"GEOMETRYTYPE", "ST_GeometryType()", NULL},
    {"GLENGTH", "ST_Length()", NULL},
    {"INTERIORRINGN", "ST_InteriorRingN()", NULL},
    {"INTERSECTS", "MBRIntersects()", NULL},
    {"ISCLOSED", "ST_IsClosed()", NULL},
    {"ISEMPTY", "ST_IsEmpty()", NULL},
    {"ISSIMPLE", "ST_IsSimple()", NULL},
    {"LINEFROMTEXT", "ST_LineFromText()", NULL},
    {"LINEFROMWKB", "ST_LineFromWKB()", NULL},
    {"MBREQUAL", "MBREquals()", NULL},
    {"NUMGEOMETRIES", "ST_NumGeometries()", NULL},
    {"NUMINTERIORRINGS", "ST_NumInteriorRings()", NULL},
    {"NUMPOINTS", "ST_NumPoints()", NULL},
    {"OVERLAPS", "MBROverlaps()", NULL},
    {"POINTFROMTEXT", "ST_PointFromText()", NULL},
    {"POINTFROMWKB", "ST_PointFromWKB()", NULL},
    {"POINTN", "ST_PointN()", NULL},
    {"POLYFROMTEXT", "ST_PolyFromText()", NULL},
    {"POLYFROMWKB", "ST_PolyFromWKB()", NULL},
    {"STARTPOINT", "ST_StartPoint()", NULL},
    {"TOUCHES", "ST_Touches()", NULL},
    {"WITHIN", "MBRWithin()", NULL},
    {"X", "ST_X()", NULL},
    {"Y", "ST_Y()", NULL},
    /* MariaDB's alone */
    {"ADD_MONTHS", "DATE_ADD(..., INTERVAL ... MONTH)", NULL},
    {"CHR", "CHAR(... USING utf8mb4)", NULL},
    {"COLUMN_GET", "a JSON column, and JSON_VALUE()", NULL},
    {"COLUMN_CREATE", "a JSON column, and JSON_OBJECT()", NULL},
    {"COLUMN_JSON", "a JSON column", NULL},
    {"DECODE_ORACLE", "CASE", NULL},
    {"JSON_COMPACT", "CAST(... AS JSON)", NULL},
    {"JSON_DETAILED", "JSON_PRETTY()", NULL},
    {"JSON_EXISTS", "JSON_CONTAINS_PATH(..., 'one', ...)", NULL},
    {"JSON_LOOSE", "CAST(... AS JSON)", NULL},
    {"JSON_EQUALS", "CAST(... AS JSON) = CAST(... AS JSON)", NULL},
    {"JSON_NORMALIZE", "CAST(... AS JSON), which orders keys, too", NULL},
    {"JSON_QUERY", "JSON_EXTRACT()", NULL},
    {"LASTVAL", "LAST_INSERT_ID() of a table with AUTO_INCREMENT", NULL},
    {"LENGTHB", "LENGTH()", NULL},
    {"MEDIAN", "a window of ROW_NUMBER() and COUNT()", NULL},
    {"NEXTVAL", "a table with AUTO_INCREMENT", NULL},
    {"NVL", "IFNULL()", NULL},
    {"NVL2", "IF(... IS NOT NULL, ..., ...)", NULL},
    {"SETVAL", "a table with AUTO_INCREMENT", NULL},
    {"SFORMAT", "CONCAT()", NULL},
    {"SYS_GUID", "REPLACE(UUID(), '-', '')", NULL},
    {"TO_CHAR", "DATE_FORMAT()", NULL},
    {"TO_NUMBER", "CAST(... AS DECIMAL)", NULL},
    {"UUID_V4", "UUID()", NULL},
    {"UUID_V7", "UUID()", NULL},
    /* MySQL's alone */
    {"ANY_VALUE", NULL, "MIN() or MAX()"},
    {"BIN_TO_UUID", NULL, "a UUID column, or INSERT(...) of dashes into HEX()"},
    {"FORMAT_BYTES", NULL, "FORMAT()"},
    {"GROUPING", NULL, "IS NULL on columns that have no NULL"},
    {"GTID_SUBSET", NULL, "nothing: GTIDs are of another kind there"},
    {"GTID_SUBTRACT", NULL, "nothing: GTIDs are of another kind there"},
    {"IS_UUID", NULL, "REGEXP"},
    {"JSON_PRETTY", NULL, "JSON_DETAILED()"},
    {"JSON_SCHEMA_VALID", NULL, "a target of MariaDB 11.1, which has it"},
    {"JSON_OVERLAPS", NULL, "a target of MariaDB 10.9, which has it"},
    {"JSON_STORAGE_SIZE", NULL, "LENGTH()"},
    {"MBRCOVEREDBY", NULL, "MBRWithin()"},
    {"MBRCOVERS", NULL, "MBRContains()"},
    {"RANDOM_BYTES", NULL, "a target of MariaDB 10.10, which has it"},
    {"REGEXP_LIKE", NULL, "REGEXP"},
    {"ST_LATITUDE", NULL, "ST_Y() or ST_X(), by the order of the axes"},
    {"ST_LONGITUDE", NULL, "ST_X() or ST_Y(), by the order of the axes"},
    {"STATEMENT_DIGEST", NULL, "SHA2() of the text"},
    {"UUID_TO_BIN", NULL, "UNHEX(REPLACE(..., '-', ''))"},
};

const char *mi_instead_of(struct mi_span name, bool mariadb)
{
	for (size_t i = 0; i < sizeof instead / sizeof *instead; i++)
		if (mi_lex_says(name, instead[i].name))
			return mariadb ? instead[i].mariadb : instead[i].mysql;
	return NULL;
}

/* Each differs between two of the servers that were tried: MySQL 5.7, 8.0, 9.7,
 * MariaDB 10.5, 10.11, 11.8. No expression reads the session's settings, the clock or a table. */
const struct mi_example mi_examples[] = {
    {"REGEXP_REPLACE", "REGEXP_REPLACE('abc', '(b)', '[$1]')"},
    {"REGEXP_SUBSTR", "REGEXP_SUBSTR('abc', 'z')"},
    {"JSON_VALUE", "JSON_VALUE('{\"a\": [1, 2]}', '$.a')"},
    {"JSON_EXTRACT", "JSON_EXTRACT('{\"b\": 1, \"a\": 2}', '$')"},
    {"JSON_EXTRACT", "JSON_EXTRACT('[1.0]', '$[0]')"},
    {"JSON_OBJECT", "JSON_OBJECT('b', 1, 'a', 2)"},
    {"JSON_MERGE_PATCH", "JSON_MERGE_PATCH('{\"b\": 1}', '{\"a\": 2}')"},
    {"JSON_SET", "JSON_SET('{\"b\": 1}', '$.a', 2)"},
    {"JSON_LENGTH", "JSON_LENGTH('[1, 2]', '$[0 to 1]')"},
    {"JSON_SEARCH", "JSON_SEARCH('[\"a\", \"A\"]', 'all', 'a')"},
    {"FROM_UNIXTIME", "FROM_UNIXTIME(4102444800)"},
    {"UNIX_TIMESTAMP", "UNIX_TIMESTAMP('2100-01-01 00:00:00')"},
    {"ST_DISTANCE", "ROUND(ST_DISTANCE(ST_GEOMFROMTEXT('POINT(0 0)', 4326), "
                    "ST_GEOMFROMTEXT('POINT(0 1)', 4326)), 3)"},
    {"ST_ASTEXT", "ST_ASTEXT(ST_GEOMFROMTEXT('MULTIPOINT(1 1,2 2)'))"},
    {"ST_ASGEOJSON", "ST_ASGEOJSON(ST_GEOMFROMTEXT('POINT(1 2)'))"},
    {"GREATEST", "GREATEST('10', 9)"},
    {"LEAST", "LEAST('10', 9)"},
    {"BIT_COUNT", "BIT_COUNT(X'0102030405060708090A')"},
    {NULL, NULL},
};
