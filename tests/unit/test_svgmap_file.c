// SPDX-License-Identifier: GPL-2.0
/* Where svgmap_write() writes to: whole files or none, and nothing that is no file is replaced. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "svgmap.h"
#include "svgmap_check.h"
#include "svgmap_world.h"

static char dir[32];
static struct world world;

static const char *in_dir(const char *name)
{
	static char path[2][300];
	static int i;

	i ^= 1;
	snprintf(path[i], sizeof(path[i]), "%s/%s", dir, name);
	return path[i];
}

static int setup(void **state)
{
	strcpy(dir, "/tmp/test_svgfile.XXXXXX");
	world_init(&world);
	world_ram(&world, 0x100, 0x10000);
	return mkdtemp(dir) ? 0 : -1;
}

static int nr_files(void)
{
	struct dirent *de;
	DIR *d = opendir(dir);
	int n = 0;

	while ((de = readdir(d)))
		n += de->d_name[0] != '.';
	closedir(d);
	return n;
}

static int teardown(void **state)
{
	struct dirent *de;
	DIR *d = opendir(dir);

	while ((de = readdir(d)))
		if (de->d_name[0] != '.')
			remove(in_dir(de->d_name));
	closedir(d);
	world_free(&world);
	return rmdir(dir);
}

static int write_to(const char *path, struct fail *fail)
{
	memset(fail, 0, sizeof(*fail));
	return svgmap_write(path, &world.snap, NULL, 0, fail);
}

static void assert_picture(const char *path)
{
	char *text = slurp(path);

	assert_well_formed(text);
	free(text);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode;
}

static void new_file(void **state)
{
	mode_t before = umask(027);
	struct fail fail;

	assert_int_equal(write_to(in_dir("map.svg"), &fail), 0);
	umask(before);
	assert_picture(in_dir("map.svg"));
	assert_int_equal(mode_of(in_dir("map.svg")), S_IFREG | 0640);
	assert_int_equal(nr_files(), 1);
}

static void file_is_replaced(void **state)
{
	struct stat old, new;
	struct fail fail;

	put(in_dir("map.svg"), "before");
	assert_int_equal(chmod(in_dir("map.svg"), 0604), 0);
	assert_int_equal(stat(in_dir("map.svg"), &old), 0);
	assert_int_equal(write_to(in_dir("map.svg"), &fail), 0);
	assert_int_equal(stat(in_dir("map.svg"), &new), 0);
	assert_true(old.st_ino != new.st_ino);
	assert_int_equal(new.st_mode, S_IFREG | 0604);
	assert_picture(in_dir("map.svg"));
	assert_int_equal(nr_files(), 1);
}

/* Renaming over these would take /dev/null or /dev/stdout from the whole machine. */
static void others_are_written_through(void **state)
{
	struct fail fail;

	assert_int_equal(write_to("/dev/null", &fail), 0);
	assert_true(S_ISCHR(mode_of("/dev/null")));

	put(in_dir("target"), "before, and longer than nothing");
	assert_int_equal(symlink("target", in_dir("link")), 0);
	assert_int_equal(write_to(in_dir("link"), &fail), 0);
	assert_true(S_ISLNK(mode_of(in_dir("link"))));
	assert_picture(in_dir("target"));
	assert_int_equal(nr_files(), 2);
}

/* As the shell's > does: it makes what the link leads to. */
static void a_link_to_nothing_is_followed(void **state)
{
	struct fail fail;

	assert_int_equal(symlink("target", in_dir("link")), 0);
	assert_int_equal(write_to(in_dir("link"), &fail), 0);
	assert_true(S_ISLNK(mode_of(in_dir("link"))));
	assert_picture(in_dir("target"));
	assert_int_equal(nr_files(), 2);
}

static void dash_is_stdout(void **state)
{
	int saved = dup(STDOUT_FILENO), fd;
	struct fail fail;
	int err;

	fflush(stdout);
	fd = open(in_dir("out"), O_CREAT | O_WRONLY, 0600);
	dup2(fd, STDOUT_FILENO);
	err = write_to("-", &fail);
	dup2(saved, STDOUT_FILENO);
	close(fd);
	close(saved);
	assert_int_equal(err, 0);
	assert_picture(in_dir("out"));
}

static void assert_fails(const char *path, const char *why)
{
	struct fail fail;

	assert_int_equal(write_to(path, &fail), -1);
	assert_int_equal(fail.code, EXIT_USAGE);
	if (!strstr(fail.msg, why))
		fail_msg("\"%s\" does not say \"%s\"", fail.msg, why);
	if (strlen(path) < 100)
		assert_non_null(strstr(fail.msg, path));
}

static void errors_are_said(void **state)
{
	char longest[5000];

	assert_fails(in_dir("no/such/map.svg"), "No such file or directory");
	assert_fails(dir, "Is a directory");
	assert_fails("/dev/full", "No space left on device");
	assert_fails("", "No such file or directory");
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_fails(longest, "cannot write the map to xxx");
	assert_int_equal(nr_files(), 0);
}

static void closed_stdout(void **state)
{
	int saved = dup(STDOUT_FILENO), full = open("/dev/full", O_WRONLY);
	struct fail fail;
	int err;

	fflush(stdout);
	dup2(full, STDOUT_FILENO);
	err = write_to("-", &fail);
	clearerr(stdout);
	dup2(saved, STDOUT_FILENO);
	close(full);
	close(saved);
	assert_int_equal(err, -1);
	assert_non_null(strstr(fail.msg, "standard output: No space left on device"));
}

#define DIR_TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIR_TEST(new_file),
		DIR_TEST(file_is_replaced),
		DIR_TEST(others_are_written_through),
		DIR_TEST(a_link_to_nothing_is_followed),
		DIR_TEST(dash_is_stdout),
		DIR_TEST(errors_are_said),
		DIR_TEST(closed_stdout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
