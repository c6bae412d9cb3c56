// SPDX-License-Identifier: GPL-2.0
/* One trace in each of the forms that are for programs, and as a summary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "trace_world.h"

static const struct trace_view_opts plain;

/* @want with ' where @got has ": so JSON can be read here. */
static void assert_json(const char *got, const char *want)
{
	char *text = strdup(got), *at;

	for (at = text; *at; at++)
		if (*at == '"')
			*at = '\'';
	assert_string_equal(text, want);
	free(text);
}

/*
 * Six seconds: a call of fio's that is released but for 198 pages; qemu's
 * memory, all released, for vfio; one that failed; pages that were pinned
 * before; names that mean harm; and a call that a filter leaves out.
 */
static void play(struct trace_world *w)
{
	struct trace_event ev = world_call(100, 509, 509);

	world_pin(w, &ev, 0x1000);
	ev = world_call(1000000, 509, 311);
	ev.function = GUP_pin_user_pages_remote;
	ev.site = AT_VFIO;
	ev.tgid = ev.tid = 41;
	ev.owner = 812;
	ev.ustack = 0;
	strcpy(ev.comm, "vfio-helper");
	strcpy(ev.owner_comm, "qemu-system-x86");
	ev.flags = WRITE | 0x4000;
	world_pin(w, &ev, 0x2000);
	ev = world_call(1500000, 13, -14);
	ev.begun_ns = 0;
	world_pin(w, &ev, 0);
	ev = world_release(2000100, 311);
	world_unpin(w, &ev, 0x1000);
	ev = world_release(3000000, 311);
	ev.context = IN_SOFTIRQ;
	ev.flags = 1;
	world_unpin(w, &ev, 0x2000);
	ev = world_release(3500000, 11);
	world_unpin(w, &ev, 0x9000);
	ev = world_call(4000000, 7, 7);
	ev.site = AT_EVIL;
	ev.tgid = ev.tid = 4242;
	ev.owner = 0;
	memcpy(ev.comm, "\033;\"\xff\n01234567890", 16);	/* not terminated */
	world_pin(w, &ev, 0x3000);
	ev = world_call(5000000, 23, 23);
	ev.tgid = FILTERED;
	world_pin(w, &ev, 0x4000);
}

static void assert_played(struct trace_view *(*view)(FILE *, const struct trace_view_opts *),
			  const struct trace_view_opts *opts, const char *want)
{
	struct trace_world w;

	world_open(&w, view, opts);
	w.health = (struct trace_health){
		.totals = { .calls = 5, .pinned = 850, .released = 633, .releases = 3,
			    .dropped_calls = 2, .dropped_pins = 3, .dropped_releases = 5,
			    .dropped_unpins = 7, .dropped_exits = 37, .filtered = 11 },
		.missed_runs = 13, .follow_lost = 17,
		.lost = { [LOST_UNREADABLE] = 19, [LOST_NO_TASK] = 23, [LOST_NO_SITE] = 29,
			  [LOST_EXIT] = 31 },
	};
	play(&w);
	world_end(&w, 6000000);
	if (view == view_json || view == view_chrome)
		assert_json(w.text, want);
	else
		assert_string_equal(w.text, want);
	world_close(&w);
}

static void json(void **state)
{
	assert_played(view_json, &plain,
		"{'type':'begin','time':1700000000.0,'time_ns':1000000000000,'schema':1,"
		"'tool':'pintrace','kernel':'6.12.57+deb13-amd64','machine':'x86_64',"
		"'page_size':4096}\n"
		"{'type':'pin','time':1700000000.0001,'time_ns':1000000100000,'call':1,'pid':7331,"
		"'tid':7335,'comm':'fio-worker','uid':1000,'cgroup':4243,'owner':{'pid':7331,"
		"'comm':'fio'},'function':'pin_user_pages_fast','address':139637976731648,"
		"'offset':null,'wanted':509,'got':509,'error':null,'flags':257,"
		"'flag_names':['FOLL_WRITE','FOLL_LONGTERM'],'duration_ns':12345,'pins':509,"
		"'bytes':2084864,'site':{'driver':'io_uring','function':'io_pin_pages'}}\n"
		"{'type':'pin','time':1700000001.0,'time_ns':1001000000000,'call':2,'pid':41,"
		"'tid':41,'comm':'vfio-helper','uid':1000,'cgroup':4243,'owner':{'pid':812,"
		"'comm':'qemu-system-x86'},'function':'pin_user_pages_remote',"
		"'address':139637976731648,'offset':null,'wanted':509,'got':311,'error':null,"
		"'flags':16385,'flag_names':['FOLL_WRITE','0x4000'],'duration_ns':12345,'pins':311,"
		"'bytes':1273856,'site':{'driver':'vfio','function':'vfio_pin_pages_remote'}}\n"
		"{'type':'pin','time':1700000001.5,'time_ns':1001500000000,'call':null,'pid':7331,"
		"'tid':7335,'comm':'fio-worker','uid':1000,'cgroup':4243,'owner':{'pid':7331,"
		"'comm':'fio'},'function':'pin_user_pages_fast','address':139637976731648,"
		"'offset':null,'wanted':13,'got':-14,'error':'EFAULT','flags':257,"
		"'flag_names':['FOLL_WRITE','FOLL_LONGTERM'],'duration_ns':null,'pins':0,'bytes':0,"
		"'site':{'driver':'io_uring','function':'io_pin_pages'}}\n"
		"{'type':'unpin','time':1700000002.0001,'time_ns':1002000100000,'context':'task',"
		"'pid':88,'tid':88,'comm':'kworker/3:1','function':'unpin_user_pages','pins':311,"
		"'dirty':false,'site':null,'parts':[{'call':1,'pins':311,'held_ns':2000000000,"
		"'left':198,'guessed':false,'pid':7331,'comm':'fio','driver':'io_uring'}]}\n"
		"{'type':'unpin','time':1700000003.0,'time_ns':1003000000000,'context':'softirq',"
		"'pid':null,'tid':null,'comm':null,'function':'unpin_user_pages','pins':311,"
		"'dirty':true,'site':null,'parts':[{'call':2,'pins':311,'held_ns':2000000000,"
		"'left':0,'guessed':false,'pid':812,'comm':'qemu-system-x86','driver':'vfio'}]}\n"
		"{'type':'unpin','time':1700000003.5,'time_ns':1003500000000,'context':'task',"
		"'pid':88,'tid':88,'comm':'kworker/3:1','function':'unpin_user_pages','pins':11,"
		"'dirty':false,'site':null,'parts':[{'call':null,'pins':11,'held_ns':null,"
		"'left':null,'guessed':false,'pid':null,'comm':null,'driver':null}]}\n"
		"{'type':'pin','time':1700000004.0,'time_ns':1004000000000,'call':3,'pid':4242,"
		"'tid':4242,'comm':'?;\\'??0123456789','uid':1000,'cgroup':4243,'owner':null,"
		"'function':'pin_user_pages_fast','address':139637976731648,'offset':null,"
		"'wanted':7,'got':7,'error':null,'flags':257,'flag_names':['FOLL_WRITE',"
		"'FOLL_LONGTERM'],'duration_ns':12345,'pins':7,'bytes':28672,"
		"'site':{'driver':'?[2J\\'\\\\;','function':'x?'}}\n"
		"{'type':'end','time':1700000006.0,'time_ns':1006000000000,'held':{'calls':2,"
		"'pins':205,'bytes':839680},'seen':{'calls':5,'pins':850,'filtered_calls':11,"
		"'releases':3,'unpins':633},'lost':{'dropped_calls':2,'dropped_pins':3,"
		"'dropped_releases':5,'dropped_unpins':7,'dropped_exits':37,'missed_runs':13,"
		"'not_followed':17,'unreadable':19,'no_task':23,'no_site':29,'exit':31}}\n");
}

static void json_with_stacks(void **state)
{
	struct trace_view_opts opts = { .kernel_stacks = true, .user_stacks = true };
	struct trace_event ev = world_call(0, 7, 7);
	struct trace_world w;

	world_open(&w, view_json, &opts);
	world_pin(&w, &ev, 0x1000);
	ev.function = GUP_memfd_pin_folios;
	ev.ustack = 0;
	ev.site = AT_NOWHERE;
	world_pin(&w, &ev, 0x1000);
	ev = world_release(100, 7);
	w.release_site = &w.sites[AT_VFIO];
	world_unpin(&w, &ev, 0x1000);
	fflush(w.out);
	assert_json(w.text,
		"{'type':'begin','time':1700000000.0,'time_ns':1000000000000,'schema':1,"
		"'tool':'pintrace','kernel':'6.12.57+deb13-amd64','machine':'x86_64',"
		"'page_size':4096}\n"
		"{'type':'pin','time':1700000000.0,'time_ns':1000000000000,'call':1,'pid':7331,"
		"'tid':7335,'comm':'fio-worker','uid':1000,'cgroup':4243,'owner':{'pid':7331,"
		"'comm':'fio'},'function':'pin_user_pages_fast','address':139637976731648,"
		"'offset':null,'wanted':7,'got':7,'error':null,'flags':257,"
		"'flag_names':['FOLL_WRITE','FOLL_LONGTERM'],'duration_ns':12345,'pins':7,"
		"'bytes':28672,'site':{'driver':'io_uring','function':'io_pin_pages',"
		"'stack':['pin_user_pages_fast+0x1b/0x90','io_pin_pages+0x6f/0x150',"
		"'do_syscall_64+0x5d/0xf0'],'truncated':false},"
		"'user_stack':['io_uring_register_buffers+0x21 (liburing.so.2)',"
		"'run<int (*)(char)>::main;+0x7 (fio)','libc.so.6+0x29d8f']}\n"
		"{'type':'pin','time':1700000000.0,'time_ns':1000000000000,'call':2,'pid':7331,"
		"'tid':7335,'comm':'fio-worker','uid':1000,'cgroup':4243,'owner':{'pid':7331,"
		"'comm':'fio'},'function':'memfd_pin_folios','address':null,"
		"'offset':139637976731648,'wanted':7,'got':7,'error':null,'flags':257,"
		"'flag_names':['FOLL_WRITE','FOLL_LONGTERM'],'duration_ns':12345,'pins':7,"
		"'bytes':28672,'site':{'driver':'unknown','function':'','stack':[],"
		"'truncated':false},'user_stack':[]}\n"
		"{'type':'unpin','time':1700000000.0001,'time_ns':1000000100000,'context':'task',"
		"'pid':88,'tid':88,'comm':'kworker/3:1','function':'unpin_user_pages','pins':7,"
		"'dirty':false,'site':{'driver':'vfio','function':'vfio_pin_pages_remote',"
		"'stack':['vfio_pin_pages_remote+0x12/0x80 [vfio_iommu_type1]'],'truncated':true},"
		"'parts':[{'call':1,'pins':7,'held_ns':100000,'left':0,'guessed':true,'pid':7331,"
		"'comm':'fio','driver':'io_uring'}]}\n");
	world_close(&w);
}

static void chrome(void **state)
{
	assert_played(view_chrome, &plain,
		"{'traceEvents':[\n"
		"{'ph':'M','pid':7331,'name':'process_name','args':{'name':'fio'}},\n"
		"{'ph':'b','pid':7331,'name':'pin_user_pages_fast','ts':1000000100.000,'tid':7331,"
		"'id':1,'cat':'io_uring','args':{'call':1,'pid':7331,'tid':7335,"
		"'comm':'fio-worker','uid':1000,'cgroup':4243,'owner':{'pid':7331,'comm':'fio'},"
		"'function':'pin_user_pages_fast','address':139637976731648,'offset':null,"
		"'wanted':509,'got':509,'error':null,'flags':257,'flag_names':['FOLL_WRITE',"
		"'FOLL_LONGTERM'],'duration_ns':12345,'pins':509,'bytes':2084864,"
		"'site':{'driver':'io_uring','function':'io_pin_pages'}}},\n"
		"{'ph':'C','pid':7331,'name':'pinned bytes','ts':1000000100.000,"
		"'args':{'bytes':2084864}},\n"
		"{'ph':'M','pid':812,'name':'process_name','args':{'name':'qemu-system-x86'}},\n"
		"{'ph':'b','pid':812,'name':'pin_user_pages_remote','ts':1001000000.000,'tid':812,"
		"'id':2,'cat':'vfio','args':{'call':2,'pid':41,'tid':41,'comm':'vfio-helper',"
		"'uid':1000,'cgroup':4243,'owner':{'pid':812,'comm':'qemu-system-x86'},"
		"'function':'pin_user_pages_remote','address':139637976731648,'offset':null,"
		"'wanted':509,'got':311,'error':null,'flags':16385,'flag_names':['FOLL_WRITE',"
		"'0x4000'],'duration_ns':12345,'pins':311,'bytes':1273856,'site':{'driver':'vfio',"
		"'function':'vfio_pin_pages_remote'}}},\n"
		"{'ph':'C','pid':812,'name':'pinned bytes','ts':1001000000.000,"
		"'args':{'bytes':1273856}},\n"
		"{'ph':'i','pid':7331,'name':'pin_user_pages_fast','ts':1001500000.000,'tid':7331,"
		"'s':'p','cat':'io_uring','args':{'call':null,'pid':7331,'tid':7335,"
		"'comm':'fio-worker','uid':1000,'cgroup':4243,'owner':{'pid':7331,'comm':'fio'},"
		"'function':'pin_user_pages_fast','address':139637976731648,'offset':null,"
		"'wanted':13,'got':-14,'error':'EFAULT','flags':257,'flag_names':['FOLL_WRITE',"
		"'FOLL_LONGTERM'],'duration_ns':null,'pins':0,'bytes':0,"
		"'site':{'driver':'io_uring','function':'io_pin_pages'}}},\n"
		"{'ph':'C','pid':7331,'name':'pinned bytes','ts':1002000100.000,"
		"'args':{'bytes':811008}},\n"
		"{'ph':'C','pid':812,'name':'pinned bytes','ts':1003000000.000,'args':{'bytes':0}},"
		"\n"
		"{'ph':'e','pid':812,'name':'pin_user_pages_remote','ts':1003000000.000,'tid':812,"
		"'id':2,'cat':'vfio','args':{'released_by':'softirq'}},\n"
		"{'ph':'M','pid':4242,'name':'process_name','args':{'name':'?;\\'??0123456789'}},\n"
		"{'ph':'b','pid':4242,'name':'pin_user_pages_fast','ts':1004000000.000,'tid':4242,"
		"'id':3,'cat':'?[2J\\'\\\\;','args':{'call':3,'pid':4242,'tid':4242,"
		"'comm':'?;\\'??0123456789','uid':1000,'cgroup':4243,'owner':null,"
		"'function':'pin_user_pages_fast','address':139637976731648,'offset':null,"
		"'wanted':7,'got':7,'error':null,'flags':257,'flag_names':['FOLL_WRITE',"
		"'FOLL_LONGTERM'],'duration_ns':12345,'pins':7,'bytes':28672,"
		"'site':{'driver':'?[2J\\'\\\\;','function':'x?'}}},\n"
		"{'ph':'C','pid':4242,'name':'pinned bytes','ts':1004000000.000,"
		"'args':{'bytes':28672}},\n"
		"{'ph':'e','pid':7331,'name':'pin_user_pages_fast','ts':1006000000.000,'tid':7331,"
		"'id':1,'cat':'io_uring','args':{'still_held':true}},\n"
		"{'ph':'e','pid':4242,'name':'pin_user_pages_fast','ts':1006000000.000,'tid':4242,"
		"'id':3,'cat':'?[2J\\'\\\\;','args':{'still_held':true}}\n"
		"],'displayTimeUnit':'ns'}\n");
}

static size_t times_in(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* It has called exec(): the track gets the new name, and keeps it when older pins go. */
static void chrome_after_exec(void **state)
{
	struct trace_event ev = world_call(0, 7, 7);
	struct trace_world w;

	world_open(&w, view_chrome, &plain);
	world_pin(&w, &ev, 0x1000);
	strcpy(ev.owner_comm, "new");
	world_pin(&w, &ev, 0x2000);
	ev = world_release(100, 7);
	world_unpin(&w, &ev, 0x1000);
	world_unpin(&w, &ev, 0x2000);
	world_end(&w, 200);
	assert_int_equal(times_in(w.text, "process_name"), 2);
	assert_non_null(strstr(w.text, "{\"ph\":\"M\",\"pid\":7331,\"name\":\"process_name\","
				       "\"args\":{\"name\":\"new\"}}"));
	assert_int_equal(times_in(w.text, "{\"bytes\":28672}"), 2);
	assert_int_equal(times_in(w.text, "{\"bytes\":57344}"), 1);
	assert_int_equal(times_in(w.text, "{\"bytes\":0}"), 1);
	assert_int_equal(times_in(w.text, "{\"released_by\":\"kworker/3:1\"}"), 2);
	assert_int_equal(times_in(w.text, "still_held"), 0);
	world_close(&w);
}

static void folded_pages(void **state)
{
	assert_played(view_folded, &plain,
		"?:\"??0123456789;0xffffffff81000012_[k];evil:?\"_[k] 7\n"
		"fio-worker;do_syscall_64_[k];io_pin_pages_[k];pin_user_pages_fast_[k] 509\n"
		"vfio-helper;..._[k];vfio_pin_pages_remote_[k] 311\n");
}

static void folded_page_seconds(void **state)
{
	struct trace_view_opts opts = { .user_stacks = true, .weight = WEIGHT_PAGE_SECONDS };

	assert_played(view_folded, &opts,
		"?:\"??0123456789;libc.so.6;run<int "
		"(*)(char)>::main:;io_uring_register_buffers;0xffffffff81000012_[k];evil:?\"_[k] "
		"14\n"
		"fio-worker;libc.so.6;run<int "
		"(*)(char)>::main:;io_uring_register_buffers;do_syscall_64_[k];io_pin_pages_[k];"
		"pin_user_pages_fast_[k] 1810\n"
		"vfio-helper;..._[k];vfio_pin_pages_remote_[k] 622\n");
}

/* More than 64 bits: 1 TiB for a day. And what lies in between is rounded. */
static void folded_sums(void **state)
{
	struct trace_view_opts opts = { .weight = WEIGHT_PAGE_SECONDS };
	struct trace_event ev = world_call(0, 200003, 200003);
	uint64_t day = 86400ull * 1000000;
	struct trace_world w;
	int i;

	world_open(&w, view_folded, &opts);
	for (i = 0; i < 1300; i++)
		world_pin(&w, &ev, 0x100000 + (uint64_t)i * 200003);
	ev = world_call(day - 499999, 1, 1);
	ev.site = AT_VFIO;
	world_pin(&w, &ev, 0x1000);
	ev.ustack = 8;		/* is not asked for */
	ev.time_ns = BEGAN + (day - 1000001) * US;
	world_pin(&w, &ev, 0x1001);
	strcpy(ev.comm, "a");
	ev.time_ns = BEGAN + (day - 499999) * US;
	world_pin(&w, &ev, 0x1002);
	assert_string_equal(world_end(&w, day),
		"a;..._[k];vfio_pin_pages_remote_[k] 0\n"
		"fio-worker;..._[k];vfio_pin_pages_remote_[k] 2\n"
		"fio-worker;do_syscall_64_[k];io_pin_pages_[k];pin_user_pages_fast_[k] "
		"22464336960000\n");
	world_close(&w);
}

static void summary(void **state)
{
	assert_played(view_summary, &plain,
		"DRIVER    CALL                   CALLS  PAGES  ERRORS  PARTIAL  HELD  BYTES\n"
		"io_uring  pin_user_pages_fast        2    509       1        0   198   792K\n"
		"vfio      pin_user_pages_remote      1    311       0        1     0      0\n"
		"?[2J\"\\;   pin_user_pages_fast        1      7       0        0     7  28.0K\n"
		"total                                4    827       1        1   205   820K\n"
		"\n"
		"DRIVER    CALL                   LATENCY P50     P99     MAX  LIFETIME P50    P99 "
		"   MAX\n"
		"io_uring  pin_user_pages_fast         12.3us  12.3us  12.3us             -      - "
		"     -\n"
		"vfio      pin_user_pages_remote       12.3us  12.3us  12.3us         2.00s  2.00s "
		" 2.00s\n"
		"?[2J\"\\;   pin_user_pages_fast         12.3us  12.3us  12.3us             -      "
		"-      -\n"
		"total                                 12.3us  12.3us  12.3us         2.00s  2.00s "
		" 2.00s\n"
		"\n"
		"Of no pin call that was seen: 11 pages, released by 1 call\n"
		"\n"
		"io_uring pin_user_pages_fast: latency of 1 call\n"
		"[8.19us, 16.4us)            1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
		"\n"
		"vfio pin_user_pages_remote: latency of 1 call\n"
		"[8.19us, 16.4us)            1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
		"\n"
		"vfio pin_user_pages_remote: lifetime of 1 call\n"
		"[1.07s, 2.15s)              1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
		"\n"
		"?[2J\"\\; pin_user_pages_fast: latency of 1 call\n"
		"[8.19us, 16.4us)            1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
}

static void nothing_to_sum_up(void **state)
{
	struct trace_world w;

	world_open(&w, view_summary, &plain);
	assert_string_equal(world_end(&w, 1),
		"DRIVER  CALL  CALLS  PAGES  ERRORS  PARTIAL  HELD  BYTES\n"
		"total             0      0       0        0     0      0\n"
		"\n"
		"DRIVER  CALL  LATENCY P50  P99  MAX  LIFETIME P50  P99  MAX\n"
		"total                   -    -    -             -    -    -\n");
	world_close(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(json),
		cmocka_unit_test(json_with_stacks),
		cmocka_unit_test(chrome),
		cmocka_unit_test(chrome_after_exec),
		cmocka_unit_test(folded_pages),
		cmocka_unit_test(folded_page_seconds),
		cmocka_unit_test(folded_sums),
		cmocka_unit_test(summary),
		cmocka_unit_test(nothing_to_sum_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
