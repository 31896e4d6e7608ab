/* Hexadecimal digits of bytes, both ways, and UUIDs. */
#include "base/buf.h"
#include "base/hex.h"
#include "t.h"

static void digits(void)
{
	int bad = 0;

	for (int c = -128; c < 256; c++) {
		const char *small = c > 0 ? strchr(mi_hex_lower, c) : NULL;
		const char *capital = c > 0 ? strchr(mi_hex_upper, c) : NULL;
		int want = small     ? (int)(small - mi_hex_lower)
		           : capital ? (int)(capital - mi_hex_upper)
		                     : -1;

		bad += c <= 127 && mi_hex_digit((char)c) != want;
	}
	CHECK(bad == 0, "each byte is the digit it is, or none");
}

static void bytes(void)
{
	unsigned char back[4] = {0};
	struct mi_buf out = {0};

	mi_hex_add(&out, mi_span("\x00\x7f\xa5\xff", 4), mi_hex_lower);
	mi_hex_add(&out, mi_span(NULL, 0), mi_hex_lower);
	mi_hex_add(&out, mi_span("\xab", 1), mi_hex_upper);
	CHECK_STR(mi_buf_cstr(&out), "007fa5ffAB", "written");
	CHECK(mi_hex_read(mi_span("007fA5fF", 8), back, 4) &&
	          memcmp(back, "\x00\x7f\xa5\xff", 4) == 0,
	      "read");
	CHECK(mi_hex_read(mi_span(NULL, 0), back, 0), "nothing is no bytes");
	CHECK(!mi_hex_read(mi_span_str("007fA5f"), back, 4), "too few digits");
	CHECK(!mi_hex_read(mi_span_str("007fA5ff0"), back, 4), "too many");
	CHECK(!mi_hex_read(mi_span_str("007fg5ff"), back, 4), "a letter that is no digit");
	CHECK(!mi_hex_read(mi_span_str("00 7f5ff"), back, 4), "a blank");
	mi_buf_release(&out);
}

static void uuids(void)
{
	static const char text[] = "01234567-89ab-cdef-fedc-ba9876543210";
	unsigned char uuid[MI_UUID];
	char back[MI_UUID_TEXT + 1] = {0};
	char broken[MI_UUID_TEXT + 1];
	int taken = 0;

	CHECK(mi_uuid_read(mi_span_str(text), uuid) && uuid[0] == 1 && uuid[8] == 0xfe &&
	          uuid[15] == 0x10,
	      "a UUID read");
	mi_uuid_write(back, uuid);
	CHECK_STR(back, text, "and written");
	CHECK(mi_uuid_read(mi_span_str("01234567-89AB-cdef-FEDC-ba9876543210:1-5"), uuid),
	      "capitals, and more behind it");
	CHECK(!mi_uuid_read(mi_span(text, MI_UUID_TEXT - 1), uuid), "too short");
	for (size_t i = 0; i < MI_UUID_TEXT; i++) {
		memcpy(broken, text, sizeof broken);
		broken[i] = broken[i] == '-' ? '0' : '-';
		taken += mi_uuid_read(mi_span_str(broken), uuid);
	}
	CHECK(taken == 0, "a dash missing, or in a digit's place");
}

int main(void)
{
	digits();
	bytes();
	uuids();
	DONE();
}
