// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ustack_files.h"
#include "vec.h"

/* Each may take two descriptors, of which programs have 1024 as a rule. */
#define FILES_MOST 384
#define VDSO_MOST (64U << 10)

/*
 * An inode number is used again once its file is deleted, and a library may be
 * written over: the time tells. The vdso is an image, in no file.
 */
struct seen_file {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
	struct elf_file *elf;	/* NULL: not of use */
};

struct seen_image {
	void *image;		/* the ELF file's, too */
	size_t size;
	struct elf_file *elf;
};

struct ustack_files {
	struct seen_file *files;
	size_t nr, cap, nr_open;
	struct seen_image *images;
	size_t nr_images, cap_images;
};

struct ustack_files *ustack_files__new(void)
{
	return xcalloc(1, sizeof(struct ustack_files));
}

void ustack_files__free(struct ustack_files *files)
{
	size_t i;

	if (!files)
		return;
	for (i = 0; i < files->nr; i++)
		elf_file__free(files->files[i].elf);
	for (i = 0; i < files->nr_images; i++)
		elf_file__free(files->images[i].elf);
	free(files->files);
	free(files->images);
	free(files);
}

/* --- files ------------------------------------------------------------------------------------ */

static bool is_same(const struct seen_file *f, const struct stat *st)
{
	return f->dev == st->st_dev && f->ino == st->st_ino && f->size == st->st_size &&
	       f->mtime.tv_sec == st->st_mtim.tv_sec && f->mtime.tv_nsec == st->st_mtim.tv_nsec;
}

/* Without " (deleted)", which the kernel puts behind it. */
static char *path_of(const struct vma *vma)
{
	static const char deleted[] = " (deleted)";
	size_t len = strlen(vma->name), cut = sizeof(deleted) - 1;

	if (len > cut && !strcmp(vma->name + len - cut, deleted))
		len -= cut;
	return xasprintf("%.*s", (int)len, vma->name);
}

static struct elf_file *open_file(struct ustack_files *files, const char *where,
				  const struct stat *st, const struct vma *vma)
{
	struct seen_file *f;
	struct elf_file *elf;
	char *path;
	size_t i;
	int fd;

	for (i = 0; i < files->nr; i++)
		if (is_same(&files->files[i], st))
			return files->files[i].elf;
	if (files->nr_open >= FILES_MOST)
		return NULL;
	fd = open(where, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return NULL;
	path = path_of(vma);
	elf = elf_file__open(fd, path);
	free(path);
	files->nr_open += elf != NULL;
	f = vec_push(files->files, files->nr, files->cap);
	*f = (struct seen_file){ .dev = st->st_dev, .ino = st->st_ino, .size = st->st_size,
				 .mtime = st->st_mtim, .elf = elf };
	return elf;
}

/* To open a device may do something. */
static bool is_regular(const char *where, struct stat *st)
{
	return !stat(where, st) && S_ISREG(st->st_mode);
}

static struct elf_file *of_file(struct ustack_files *files, pid_t pid, const struct vma *vma)
{
	struct elf_file *elf = NULL;
	struct stat st;
	char *mapped = xasprintf("/proc/%d/map_files/%" PRIx64 "-%" PRIx64, pid, vma->start,
				 vma->end);
	char *path = xasprintf("/proc/%d/root%s", pid, vma->name);

	if (is_regular(mapped, &st))
		elf = open_file(files, mapped, &st, vma);
	else if (is_regular(path, &st) && st.st_ino == vma->ino)
		elf = open_file(files, path, &st, vma);
	free(mapped);
	free(path);
	return elf;
}

/* --- the vdso --------------------------------------------------------------------------------- */

static void *read_memory(pid_t pid, uint64_t start, size_t size)
{
	char path[32];
	void *image;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	image = xcalloc(1, size);
	n = pread(fd, image, size, (off_t)start);
	close(fd);
	if (n == (ssize_t)size)
		return image;
	free(image);
	return NULL;
}

static struct elf_file *of_vdso(struct ustack_files *files, pid_t pid, const struct vma *vma)
{
	size_t i, size = vma->end - vma->start;
	struct seen_image *seen;
	void *image;

	if (size > VDSO_MOST)
		return NULL;
	image = read_memory(pid, vma->start, size);
	if (!image)
		return NULL;
	for (i = 0; i < files->nr_images; i++) {
		seen = &files->images[i];
		if (seen->size == size && !memcmp(seen->image, image, size)) {
			free(image);
			return seen->elf;
		}
	}
	seen = vec_push(files->images, files->nr_images, files->cap_images);
	seen->size = size;
	seen->image = image;
	seen->elf = elf_file__open_image(image, size, "[vdso]");
	if (!seen->elf)
		files->nr_images--;
	return seen->elf;
}

/* --- both ------------------------------------------------------------------------------------- */

struct elf_file *ustack_files__of_vma(struct ustack_files *files, pid_t pid,
				      const struct vma *vma)
{
	if (!strcmp(vma->name, "[vdso]"))
		return of_vdso(files, pid, vma);
	return vma->name[0] == '/' ? of_file(files, pid, vma) : NULL;
}

struct elf_file *ustack_files__by_id(const struct ustack_files *files, const uint8_t *id)
{
	size_t i;

	for (i = 0; i < files->nr; i++) {
		struct elf_file *elf = files->files[i].elf;

		if (elf && elf_file__id(elf) && !memcmp(elf_file__id(elf), id, ELF_ID_SIZE))
			return elf;
	}
	return NULL;
}
