// SPDX-License-Identifier: GPL-2.0
/* The reader of the kernel's pin counters, and what pinstat makes of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "pinstat.h"

#define PINS(a, r) "nr_foll_pin_acquired " #a "\nnr_foll_pin_released " #r "\n"

static char dir[] = "/tmp/test_vmstat.XXXXXX";

/* --- parsing --------------------------------------------------------------------------------- */

static const struct vmstat_pins untouched = { 111, 222, 333 };

static int parse(const char *text, struct vmstat_pins *p)
{
	FILE *f = fmemopen((void *)text, strlen(text), "r");
	int err;

	assert_non_null(f);
	*p = untouched;
	err = vmstat_parse(f, p);
	fclose(f);
	return err;
}

static void assert_pins(const struct vmstat_pins *p, uint64_t acquired, uint64_t released,
			int64_t in_flight)
{
	assert_int_equal(p->acquired, acquired);
	assert_int_equal(p->released, released);
	assert_true(p->in_flight == in_flight);
}

static void parse_good(void **state)
{
	struct vmstat_pins p;

	assert_int_equal(parse("nr_free_pages 12\n" PINS(2018, 1009) "nr_unstable 0\n", &p), 0);
	assert_pins(&p, 2018, 1009, 1009);
	/* Any order, no newline at the end, lines far longer than the kernel's. */
	assert_int_equal(parse("nr_foll_pin_released 5\n"
			       "x                                                              "
			       "                                                               "
			       "                                                              1\n"
			       "nr_foll_pin_acquired 7", &p), 0);
	assert_pins(&p, 7, 5, 2);
}

static void parse_negative_in_flight(void **state)
{
	struct vmstat_pins p;

	assert_int_equal(parse(PINS(256, 768), &p), 0);
	assert_pins(&p, 256, 768, -512);
	assert_int_equal(parse(PINS(0, 9223372036854775807), &p), 0);
	assert_pins(&p, 0, INT64_MAX, -INT64_MAX);
}

static void parse_huge(void **state)
{
	struct vmstat_pins p;

	assert_int_equal(parse(PINS(9223372036854775807, 1), &p), 0);
	assert_pins(&p, INT64_MAX, 1, INT64_MAX - 1);
	assert_int_equal(parse(PINS(9223372036854775808, 1), &p), -ERANGE);
	assert_int_equal(parse(PINS(1, 18446744073709551616), &p), -ERANGE);
	assert_pins(&p, untouched.acquired, untouched.released, untouched.in_flight);
}

static void parse_missing(void **state)
{
	static const char *const texts[] = {
		"\n",
		"nr_free_pages 12\n",
		"nr_foll_pin_acquired 12\n",
		"nr_foll_pin_released 12\n",
		"nr_foll_pin_acquired_x 1\nnr_foll_pin_released 1\n",
		"xnr_foll_pin_acquired 1\nnr_foll_pin_released 1\n",
		"nr_foll_pin_acquired\nnr_foll_pin_released\n",
	};
	struct vmstat_pins p;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(parse(texts[i], &p), -ENOENT);
		assert_pins(&p, untouched.acquired, untouched.released, untouched.in_flight);
	}
}

static void parse_malformed(void **state)
{
	static const char *const values[] = {
		"", " ", " 1", "-1", "+1", "0x10", "1 2", "1k", "1.5", "one", "1\r",
	};
	struct vmstat_pins p;
	char text[128];
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		snprintf(text, sizeof(text), "nr_foll_pin_acquired %s\nnr_foll_pin_released 1\n",
			 values[i]);
		assert_int_equal(parse(text, &p), -EINVAL);
		snprintf(text, sizeof(text), "nr_foll_pin_acquired 1\nnr_foll_pin_released %s\n",
			 values[i]);
		assert_int_equal(parse(text, &p), -EINVAL);
		assert_pins(&p, untouched.acquired, untouched.released, untouched.in_flight);
	}
	/* The same counter twice: which one holds? */
	assert_int_equal(parse(PINS(1, 1) PINS(1, 1), &p), -EINVAL);
}

static void parse_read_error(void **state)
{
	struct vmstat_pins p = untouched;
	FILE *f = fopen("/proc/self/mem", "r");	/* address 0 is not mapped: EIO */

	assert_non_null(f);
	assert_int_equal(vmstat_parse(f, &p), -EIO);
	fclose(f);
	assert_pins(&p, untouched.acquired, untouched.released, untouched.in_flight);
}

/* --- files under another root ---------------------------------------------------------------- */

static char *in_root(const char *path)
{
	static char buf[256];

	snprintf(buf, sizeof(buf), "%s%s", dir, path);
	return buf;
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(in_root(path), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void drop(const char *path)
{
	assert_int_equal(remove(in_root(path)), 0);
}

static void make_node(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/devices/system/node/%s", name);
	assert_int_equal(mkdir(in_root(path), 0755), 0);
	if (!text)
		return;
	strcat(path, "/vmstat");
	put(path, text);
}

static int setup_root(void **state)
{
	static const char *const dirs[] = {
		"/proc", "/proc/sys", "/proc/sys/vm", "/sys", "/sys/devices",
		"/sys/devices/system", "/sys/devices/system/node",
	};
	size_t i;

	strcpy(strrchr(dir, '.'), ".XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdir(in_root(dirs[i]), 0755))
			return -1;
	return vmstat_set_root(dir);
}

static int teardown_root(void **state)
{
	char cmd[128];

	vmstat_set_root(NULL);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

static void root_is_checked(void **state)
{
	char too_long[5000];

	put("/file", "");
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = 0;
	assert_int_equal(vmstat_set_root(in_root("/none")), -ENOENT);
	assert_int_equal(vmstat_set_root(in_root("/file")), -ENOTDIR);
	assert_int_equal(vmstat_set_root(too_long), -ENAMETOOLONG);
}

static void read_machine(void **state)
{
	struct vmstat_pins p = untouched;

	assert_int_equal(vmstat_read(&p), -ENODEV);
	put("/proc/vmstat", "nr_free_pages 1\n");
	assert_int_equal(vmstat_read(&p), -ENOENT);
	assert_pins(&p, untouched.acquired, untouched.released, untouched.in_flight);
	put("/proc/vmstat", PINS(13, 11));
	assert_int_equal(vmstat_read(&p), 0);
	assert_pins(&p, 13, 11, 2);
	/* A failing set_root leaves the root as it was. */
	assert_int_equal(vmstat_set_root("/nonexistent"), -ENOENT);
	assert_int_equal(vmstat_read(&p), 0);
}

static void read_nodes(void **state)
{
	struct vmstat_node *nodes = NULL;
	size_t n = 99;

	assert_int_equal(vmstat_read_nodes(&nodes, &n), -ENODEV);
	/* Sorted neither forwards nor backwards, in which folders may be read. */
	make_node("node2", PINS(5, 7));
	make_node("node10", PINS(31, 29));
	make_node("node0", PINS(3, 2));
	make_node("node8", PINS(1, 1));
	make_node("node3", NULL);		/* went offline */
	make_node("power", "malformed");	/* not nodes, never opened */
	make_node("node", "malformed");
	make_node("node1x", "malformed");
	make_node("node-1", "malformed");
	make_node("node99999999999", "malformed");
	assert_int_equal(vmstat_read_nodes(&nodes, &n), 0);
	assert_int_equal(n, 4);
	assert_int_equal(nodes[0].id, 0);
	assert_pins(&nodes[0].pins, 3, 2, 1);
	assert_int_equal(nodes[1].id, 2);
	assert_pins(&nodes[1].pins, 5, 7, -2);
	assert_int_equal(nodes[2].id, 8);
	assert_pins(&nodes[2].pins, 1, 1, 0);
	assert_int_equal(nodes[3].id, 10);
	assert_pins(&nodes[3].pins, 31, 29, 2);
	free(nodes);
}

static void read_bad_nodes(void **state)
{
	struct vmstat_node *nodes = NULL;
	size_t n = 99;

	make_node("node0", PINS(3, 2));
	make_node("node1", "nr_free_pages 1\n");
	assert_int_equal(vmstat_read_nodes(&nodes, &n), -ENOENT);
	put("/sys/devices/system/node/node1/vmstat", PINS(x, 2));
	assert_int_equal(vmstat_read_nodes(&nodes, &n), -EINVAL);
	assert_null(nodes);
	assert_int_equal(n, 99);
	drop("/sys/devices/system/node/node1/vmstat");
	assert_int_equal(vmstat_read_nodes(&nodes, &n), 0);
	assert_int_equal(n, 1);
	free(nodes);
}

static void read_uptime(void **state)
{
	double up = -1;

	assert_int_equal(vmstat_uptime(&up), -ENODEV);
	put("/proc/uptime", "nan 1\n");
	assert_int_equal(vmstat_uptime(&up), -EINVAL);
	put("/proc/uptime", "x\n");
	assert_int_equal(vmstat_uptime(&up), -EINVAL);
	assert_true(up == -1);
	put("/proc/uptime", "7763.25 15000.00\n");
	assert_int_equal(vmstat_uptime(&up), 0);
	assert_true(up == 7763.25);
}

static void refresh_is_optional(void **state)
{
	assert_int_equal(vmstat_refresh(), -ENODEV);
	put("/proc/sys/vm/stat_refresh", "");
	assert_int_equal(vmstat_refresh(), 0);
}

/* The running kernel: monotonic counters, whoever pins meanwhile. */
static void read_this_machine(void **state)
{
	struct vmstat_pins before, after;

	if (vmstat_read(&before) == -ENOENT)
		skip();
	assert_int_equal(vmstat_read(&after), 0);
	assert_true(after.acquired >= before.acquired);
	assert_true(after.released >= before.released);
}

/* --- rates ----------------------------------------------------------------------------------- */

static void rates_of_readings(void **state)
{
	struct vmstat_pins a = { 1000, 400, 600 }, b = { 3000, 2900, 100 };
	struct vmstat_rates r = { -1, -1, -1 };

	assert_false(vmstat_rates(&a, &b, 0, &r));
	assert_false(vmstat_rates(&a, &b, -1, &r));
	assert_false(vmstat_rates(&b, &a, 1, &r));
	b.released = 399;
	assert_false(vmstat_rates(&a, &b, 1, &r));
	assert_true(r.acquired == -1 && r.released == -1 && r.net == -1);
	b.released = 2900;
	assert_true(vmstat_rates(&a, &b, 2, &r));
	assert_true(r.acquired == 1000 && r.released == 1250 && r.net == -250);
}

static void rates_of_samples(void **state)
{
	struct vmstat_node old_nodes[] = { { 0, { 10, 0, 10 } }, { 3, { 50, 0, 50 } } };
	struct vmstat_node new_nodes[] = {
		{ 0, { 30, 10, 20 } }, { 2, { 7, 0, 7 } }, { 3, { 40, 0, 40 } },
	};
	struct pinstat_sample prev = { .mono = 100, .total = { 60, 0, 60 }, .nodes = old_nodes,
				       .n_nodes = 2 };
	struct pinstat_sample s = { .mono = 110, .total = { 70, 20, 50 }, .nodes = new_nodes,
				    .n_nodes = 3 };
	struct pinstat_rates *r = pinstat_rates(&prev, &s);

	assert_non_null(r);
	assert_true(r[0].known && !r[0].since_boot && r[0].seconds == 10);
	assert_true(r[0].per_s.acquired == 1 && r[0].per_s.released == 2 && r[0].per_s.net == -1);
	assert_true(r[1].known && r[1].per_s.acquired == 2);
	assert_false(r[2].known);	/* new */
	assert_false(r[3].known);	/* went backwards */
	free(r);

	put("/proc/uptime", "10.0 1\n");
	r = pinstat_rates(NULL, &s);
	assert_non_null(r);
	assert_true(r[0].known && r[0].since_boot && r[0].per_s.acquired == 7);
	assert_true(r[2].known && r[2].since_boot);
	free(r);

	drop("/proc/uptime");
	r = pinstat_rates(NULL, &s);
	assert_non_null(r);
	assert_false(r[0].known);
	free(r);
}

static void samples(void **state)
{
	struct vmstat_node node = { 0, { 1, 2, -1 } };
	struct pinstat_sample s;

	assert_int_equal(pinstat_take(&s, true), -ENODEV);
	put("/proc/vmstat", PINS(13, 11));
	assert_int_equal(pinstat_take(&s, true), 0);
	assert_true(!s.refreshed && s.refresh_err == -ENODEV);
	put("/proc/sys/vm/stat_refresh", "");
	assert_int_equal(pinstat_take(&s, false), 0);
	assert_true(!s.refreshed && !s.refresh_err);
	assert_int_equal(pinstat_take(&s, true), 0);
	assert_true(s.refreshed && !s.refresh_err && s.mono > 0 && s.wall > 0);
	assert_pins(&s.total, 13, 11, 2);
	assert_false(pinstat_negative(&s));
	s.nodes = &node;
	s.n_nodes = 1;
	assert_true(pinstat_negative(&s));
	put("/proc/vmstat", PINS(11, 13));
	assert_int_equal(pinstat_take(&s, true), 0);
	assert_true(pinstat_negative(&s));
}

#define ROOT_TEST(t) cmocka_unit_test_setup_teardown(t, setup_root, teardown_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_good),
		cmocka_unit_test(parse_negative_in_flight),
		cmocka_unit_test(parse_huge),
		cmocka_unit_test(parse_missing),
		cmocka_unit_test(parse_malformed),
		cmocka_unit_test(parse_read_error),
		ROOT_TEST(root_is_checked),
		ROOT_TEST(read_machine),
		ROOT_TEST(read_nodes),
		ROOT_TEST(read_bad_nodes),
		ROOT_TEST(read_uptime),
		ROOT_TEST(refresh_is_optional),
		cmocka_unit_test(read_this_machine),
		cmocka_unit_test(rates_of_readings),
		ROOT_TEST(rates_of_samples),
		ROOT_TEST(samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
