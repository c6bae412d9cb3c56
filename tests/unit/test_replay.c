// SPDX-License-Identifier: GPL-2.0
/* Recorded traces that are damaged, cut short, or of another version. */
#include "record_sample.h"

static struct world *w;
static uint8_t *data;	/* of the small trace as it was recorded */
static size_t size;
static size_t seen;

static int make_sample(void **state)
{
	if (make_file(state))
		return -1;
	w = small_world();
	record_world(w, path);
	data = read_file(&size);
	return 0;
}

static int drop_sample(void **state)
{
	free(data);
	free_world(w);
	return drop_file(state);
}

/* Goes over all that a view would look at. */
static void look_at(const struct trace_call *call, void *arg)
{
	const struct replay *r = arg;
	const struct named_site *site = replay__site(r, call->ev->site);
	const struct named_ustack *ustack = replay__ustack(r, call->ev->ustack);
	uint64_t pins = call->lost;
	size_t i, len = 0;

	for (i = 0; i < call->nr_runs; i++) {
		assert_true(RUN_COUNT(call->runs[i]) > 0);
		assert_true(RUN_ORDER(call->runs[i]) < 32);
		pins += RUN_COUNT(call->runs[i]);
	}
	assert_int_equal(pins, call->ev->pins);
	assert_in_range(call->ev->type, TRACE_PIN, TRACE_EXIT);
	assert_in_range(call->ev->function, 0, GUP_FUNCTIONS - 1);
	assert_in_range(call->ev->context, 0, LEDGER_CONTEXTS - 1);
	len += strlen(call->ev->comm) + strlen(call->ev->owner_comm);
	for (i = 0; site && i < site->nr_frames; i++)
		len += strlen(site->frames[i]);
	for (i = 0; ustack && i < ustack->nr_frames; i++)
		len += strlen(ustack->frames[i]);
	if (site) {
		assert_true(site->name.driver[0]);
		assert_in_range(site->name.frame + 1, 0, site->nr_frames);
	}
	seen += len < SIZE_MAX;
}

enum outcome { NOT_OPENED, DAMAGED, TRUNCATED, WHOLE };

/* What becomes of these @n bytes. */
static enum outcome replay(const uint8_t *bytes, size_t n, struct fail *fail)
{
	enum outcome outcome = DAMAGED;
	struct replay *r;

	write_file(bytes, n);
	seen = 0;
	memset(fail, 0, sizeof(*fail));
	r = replay__open(path, fail);
	if (!r)
		return NOT_OPENED;
	if (!replay__run(r, look_at, r, fail))
		outcome = replay__truncated(r) ? TRUNCATED : WHOLE;
	replay__close(r);
	return outcome;
}

/* Puts @n bytes in before offset @at, or takes -@n away. */
static uint8_t *resized(size_t at, int n, size_t *new_size)
{
	uint8_t *bytes = xcalloc(size + abs(n), 1);

	memcpy(bytes, data, at);
	if (n > 0)
		memcpy(bytes + at + n, data + at, size - at);
	else
		memcpy(bytes + at, data + at - n, size - at + n);
	*new_size = size + n;
	return bytes;
}

static void each_byte_changed(void **state)
{
	size_t i, v, n, of[WHOLE + 1] = {};
	uint8_t *bytes = resized(size, 0, &n);
	struct fail fail;

	for (i = 0; i < size; i++) {
		uint8_t was = data[i];
		uint8_t values[] = { was ^ 1, was ^ 0x80, was + 1, was - 1, ~was, 0, 0xff };

		for (v = 0; v < sizeof(values); v++) {
			enum outcome outcome;

			bytes[i] = values[v];
			outcome = replay(bytes, n, &fail);
			of[outcome]++;
			assert_int_equal(!!fail.msg[0], outcome <= DAMAGED);
			if (outcome <= DAMAGED)
				assert_non_null(strstr(fail.msg, path));
			if (outcome == DAMAGED)
				assert_non_null(strstr(fail.msg, " offset "));
		}
		bytes[i] = was;
	}
	/* It is not for one reason that none of them crashed. */
	for (v = 0; v <= WHOLE; v++)
		assert_true(of[v] > 5);
	free(bytes);
}

static void each_length(void **state)
{
	size_t n, header = le(data + 16, 4), end = find(data, size, RECORD_END);
	struct fail fail;

	for (n = 0; n < size; n++) {
		enum outcome outcome = replay(data, n, &fail);

		assert_int_equal(outcome, n < header ? NOT_OPENED : TRUNCATED);
		assert_int_equal(seen, n >= end);
	}
	assert_int_equal(replay(data, size, &fail), WHOLE);
}

/* What is known of a trace that was cut short. */
static void cut_short(void **state)
{
	static const struct trace_health none;
	struct fail fail;
	struct replay *r;

	write_file(data, find(data, size, RECORD_END) + 11);
	r = replay__open(path, &fail);
	assert_non_null(r);
	assert_int_equal(replay__ended_ns(r), w->info.began_ns);
	assert_int_equal(replay__run(r, look_at, r, &fail), 0);
	assert_true(replay__truncated(r));
	assert_int_equal(replay__ended_ns(r), w->calls[0].ev.time_ns > w->info.began_ns ?
			 w->calls[0].ev.time_ns : w->info.began_ns);
	assert_memory_equal(replay__health(r), &none, sizeof(none));
	replay__close(r);
}

static void unknown_records(void **state)
{
	size_t at = find(data, size, RECORD_CALL), n;
	uint8_t *bytes = resized(at, 8 + 13 + 8, &n);
	struct fail fail;
	char want[128];

	/* One with 13 bytes, one with none. */
	memcpy(bytes + at, (uint8_t[]){ 99, 0, 7, 7, 13, 0, 0, 0 }, 8);
	memset(bytes + at + 8, 0xff, 13);
	memcpy(bytes + at + 21, (uint8_t[]){ 0xff, 0xff, 0, 0, 0, 0, 0, 0 }, 8);
	assert_int_equal(replay(bytes, n, &fail), WHOLE);
	assert_int_equal(seen, 1);
	/* Offsets count them. */
	bytes[at + 29 + 8] = 9;
	assert_int_equal(replay(bytes, n, &fail), DAMAGED);
	snprintf(want, sizeof(want), "in the call record that begins at %zu: there is no such type "
		 "of call", at + 29);
	assert_non_null(strstr(fail.msg, want));
	/* One that says it is longer than the file. */
	memset(bytes + at + 4, 0xff, 4);
	assert_int_equal(replay(bytes, n, &fail), TRUNCATED);
	assert_int_equal(seen, 0);
	free(bytes);
}

struct change {
	uint16_t record;	/* 0: the header */
	size_t at;		/* in its payload, or in the header */
	const char *bytes;
	size_t nr;
	const char *message;
};

#define TO(bytes) bytes, sizeof(bytes) - 1

static const struct change changes[] = {
	{ 0, 0, TO("PINTRACK"), "it is no recorded trace" },
	{ 0, 8, TO("\1\2\3\4"), "its bytes are not in the order" },
	{ 0, 12, TO("\2\0\0\0"), "it has version 2 of the format and this pinscope reads version 1" },
	{ 0, 12, TO("\0\0\0\0"), "it has version 0" },
	{ 0, 16, TO("\0\0\1\1"), "it cannot have this size" },
	{ 0, 16, TO("\x13\0\0\0"), "it cannot have this size" },
	{ 0, 16, TO("\0\0\1\0"), "the file ends in it" },
	{ 0, 20, TO("\0\0\0\0"), "there is no such page size" },
	{ 0, 20, TO("\0\x18\0\0"), "there is no such page size" },
	{ 0, 20, TO("\0\0\0\1"), "there is no such page size" },
	{ 0, 40, TO("\x41\0"), "a text is too long" },
	{ 0, 42, TO("6\0"), "a text has a NUL byte" },
	{ RECORD_SITE, 8, TO("\2\0\0\0"), "the caller is none of the frames" },
	{ RECORD_SITE, 8, TO("\xfe\xff\xff\xff"), "the caller is none of the frames" },
	{ RECORD_SITE, 13, TO("\0\0"), "the driver has no name" },
	{ RECORD_SITE, 13, TO("\x40\0"), "a text is too long" },
	{ RECORD_USTACK, 8, TO("\x80\0"), "a stack has too many frames" },
	{ RECORD_USTACK, 8, TO("\2\0"), "it is shorter than its fields" },
	{ RECORD_USTACK, 8, TO("\0\0"), "it is longer than its fields" },
	{ RECORD_USTACK, 10, TO("\1\x10"), "a text is too long" },
	{ RECORD_CALL, 0, TO("\0\0\0\0"), "there is no such type of call" },
	{ RECORD_CALL, 0, TO("\4\0\0\0"), "there is no such type of call" },
	{ RECORD_CALL, 4, TO("\xf\0"), "its function is not among those of the header" },
	{ RECORD_CALL, 6, TO("\3\0"), "there is no such context" },
	{ RECORD_CALL, 16, TO("\0\0\0\0\0\0\0\0"), "its runs have not as many pins as the call" },
	{ RECORD_CALL, 156, TO("\xff\xff\xff\xff\xff\xff\xff\xff"),
	  "its runs have not as many pins as the call" },
	{ RECORD_CALL, 164, TO("\2\0\0\0"), "its runs do not fill it" },
	{ RECORD_CALL, 164, TO("\1\0\0\x20"), "its runs do not fill it" },
	{ RECORD_CALL, 168, TO("\1\0\0\0\0\0\0\0"), "there is no such run" },
	{ RECORD_CALL, 168, TO("\1\0\0\0\0\1\0\x80"), "there is no such run" },
	{ RECORD_END, 120, TO("\xff\xff\xff\xff"), "it is shorter than its fields" },
	{ RECORD_END, 120, TO("\x8\0\0\0"), "it is longer than its fields" },
};

static void what_is_wrong(void **state)
{
	uint8_t *bytes = xcalloc(size, 1);
	struct fail fail;
	size_t i, at;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct change *c = &changes[i];

		memcpy(bytes, data, size);
		at = c->record ? find(data, size, c->record) + RECORD_HEAD_SIZE : 0;
		memcpy(bytes + at + c->at, c->bytes, c->nr);
		assert_int_equal(replay(bytes, size, &fail), c->record ? DAMAGED : NOT_OPENED);
		if (!strstr(fail.msg, c->message))
			fail_msg("change %zu: %s, not: %s", i, fail.msg, c->message);
	}
	free(bytes);
}

static void whole_message(void **state)
{
	size_t at = find(data, size, RECORD_CALL), n;
	uint8_t *bytes = resized(size, 0, &n);
	char want[256];
	struct fail fail;

	bytes[at + 8 + 6] ^= 0x80;
	assert_int_equal(replay(bytes, n, &fail), DAMAGED);
	snprintf(want, sizeof(want), "cannot read %s beyond offset %zu, in the call record that "
		 "begins at %zu: there is no such context", path,
		 at + 8 + 124, at);
	assert_string_equal(fail.msg, want);
	assert_int_equal(fail.code, 1);
	free(bytes);
}

static void ids_come_once(void **state)
{
	static const uint16_t types[] = { RECORD_SITE, RECORD_USTACK };
	struct fail fail;
	size_t i, n;

	for (i = 0; i < 2; i++) {
		size_t at = find(data, size, types[i]), length = 8 + le(data + at + 4, 4);
		uint8_t *bytes = resized(at, (int)length, &n);

		memcpy(bytes + at, data + at, length);
		assert_int_equal(replay(bytes, n, &fail), DAMAGED);
		assert_non_null(strstr(fail.msg, "a record before it has the same id"));
		free(bytes);
	}
}

/* The numbers of functions are the file's own; a later version may know more of them. */
static void functions_by_name(void **state)
{
	uint16_t number = w->calls[0].ev.function;
	const char *name = record_functions[number];
	size_t at = find(data, size, RECORD_CALL) + RECORD_HEAD_SIZE + 4, n;
	uint8_t *bytes = resized(size, 0, &n);
	uint8_t *in_header = memmem(bytes, n, record_functions[0], strlen(record_functions[0]));
	struct fail fail;
	size_t i;

	for (i = 0; i < number; i++)
		in_header += strlen(record_functions[i]) + 2;
	assert_memory_equal(in_header, name, strlen(name));
	assert_int_equal(le(bytes + at, 2), number);
	in_header[0] = 'X';
	assert_int_equal(replay(bytes, n, &fail), DAMAGED);
	assert_non_null(strstr(fail.msg, "its function is not known here; a newer"));
	/* One that no call uses is no trouble. */
	bytes[at] = number ? 0 : 1;
	assert_int_equal(replay(bytes, n, &fail), WHOLE);
	free(bytes);
}

/* A cause of loss that a later version has: refused if anything was lost so. */
static void more_causes(void **state)
{
	size_t at = find(data, size, RECORD_END), n;
	uint8_t *bytes = resized(size, 8, &n);
	struct fail fail;

	bytes[at + 4] += 8;
	bytes[at + 8 + 120] = LOST_CAUSES + 1;
	assert_int_equal(replay(bytes, n, &fail), WHOLE);
	bytes[n - 1] = 1;
	assert_int_equal(replay(bytes, n, &fail), DAMAGED);
	assert_non_null(strstr(fail.msg, "a loss has a cause that is not known here"));
	free(bytes);
}

static void after_the_end(void **state)
{
	uint8_t *bytes;
	struct fail fail;
	size_t n;

	bytes = resized(size, 1, &n);
	assert_int_equal(replay(bytes, n, &fail), DAMAGED);
	assert_non_null(strstr(fail.msg, "more comes behind it"));
	free(bytes);
}

static void cannot_read(void **state)
{
	struct fail fail;

	assert_null(replay__open("/nonexistent/trace", &fail));
	assert_string_equal(fail.msg, "cannot read /nonexistent/trace: No such file or directory");
	assert_null(replay__open("/", &fail));
	assert_string_equal(fail.msg, "cannot read /: Is a directory");
	assert_null(replay__open("/dev/null", &fail));
	assert_string_equal(fail.msg, "cannot read /dev/null: it is too short for a recorded trace");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_byte_changed),
		cmocka_unit_test(each_length),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(unknown_records),
		cmocka_unit_test(what_is_wrong),
		cmocka_unit_test(whole_message),
		cmocka_unit_test(ids_come_once),
		cmocka_unit_test(functions_by_name),
		cmocka_unit_test(more_causes),
		cmocka_unit_test(after_the_end),
		cmocka_unit_test(cannot_read),
	};

	return cmocka_run_group_tests(tests, make_sample, drop_sample);
}
