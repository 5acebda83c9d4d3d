// SPDX-License-Identifier: GPL-3.0-or-later
// A file system (FUSE) with one file, "disk", that lies: it drops, misdirects or refuses writes,
// flips bits or refuses reads, as the rules say that are written to its other file, "ctl". For
// tests only.
//
//   lying_fs BACKING-FILE MOUNT-POINT -f
//
// Rules, one a line, all of them replaced by each write; offsets and lengths in bytes:
//   drop FROM LENGTH          writes there are taken and forgotten
//   write_error FROM LENGTH   writes that touch it fail with EIO
//   read_error FROM LENGTH    reads that touch it fail with EIO
//   flip FROM LENGTH          the lowest bit of every byte read there is inverted
//   misdirect FROM LENGTH BY  writes that begin there land BY bytes further on
//   wrap FROM LENGTH BY       there, whatever is written or read is BY bytes further back
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kMostRules = 64, kMostText = 8192, kSector = 512 };

struct rule {
  char what[16];
  off_t from, length, by;
};

static struct rule rules[kMostRules];
static int rule_count;
static char text[kMostText];
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static int backing = -1;

// The first rule of that kind that the range touches, or NULL.
static const struct rule* rule_for(const char* what, off_t from, off_t length) {
  for (int i = 0; i < rule_count; ++i) {
    const struct rule* r = &rules[i];
    if (strcmp(r->what, what) == 0 && from < r->from + r->length && r->from < from + length)
      return r;
  }
  return NULL;
}

static int set_rules(const char* from, size_t size) {
  struct rule fresh[kMostRules];
  int count = 0;
  char copy[kMostText];
  if (size >= sizeof copy) return -EINVAL;
  memcpy(copy, from, size);
  copy[size] = 0;
  char* rest = NULL;
  for (char* line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    long long at = 0, length = 0, by = 0;
    if (count == kMostRules) return -ENOSPC;
    if (sscanf(line, "%15s %lld %lld %lld", fresh[count].what, &at, &length, &by) < 3)
      return -EINVAL;
    fresh[count].from = at;
    fresh[count].length = length;
    fresh[count].by = by;
    ++count;
  }
  pthread_mutex_lock(&guard);
  memcpy(rules, fresh, sizeof fresh);
  rule_count = count;
  memcpy(text, from, size);
  text[size] = 0;
  pthread_mutex_unlock(&guard);
  return (int)size;
}

static int get_attributes(const char* path, struct stat* st, struct fuse_file_info* fi) {
  (void)fi;
  memset(st, 0, sizeof *st);
  if (strcmp(path, "/") == 0) {
    st->st_mode = S_IFDIR | 0700;
    st->st_nlink = 2;
  } else if (strcmp(path, "/disk") == 0) {
    if (fstat(backing, st) != 0) return -errno;
    st->st_mode = S_IFREG | 0600;
  } else if (strcmp(path, "/ctl") == 0) {
    st->st_mode = S_IFREG | 0600;
    st->st_nlink = 1;
    st->st_size = (off_t)strlen(text);
  } else {
    return -ENOENT;
  }
  return 0;
}

static int list(const char* path, void* buffer, fuse_fill_dir_t fill, off_t offset,
                struct fuse_file_info* fi, enum fuse_readdir_flags flags) {
  (void)offset, (void)fi, (void)flags;
  if (strcmp(path, "/") != 0) return -ENOENT;
  fill(buffer, "disk", NULL, 0, 0);
  fill(buffer, "ctl", NULL, 0, 0);
  return 0;
}

static int open_file(const char* path, struct fuse_file_info* fi) {
  if (strcmp(path, "/disk") != 0 && strcmp(path, "/ctl") != 0) return -ENOENT;
  fi->direct_io = 1;  // no cache between us and who asks
  return 0;
}

static int truncate_file(const char* path, off_t size, struct fuse_file_info* fi) {
  (void)size, (void)fi;
  return strcmp(path, "/ctl") == 0 ? 0 : -EPERM;
}

// Where a sector really is.
static off_t wrapped(off_t place) {
  const struct rule* wrap = rule_for("wrap", place, 1);
  return wrap ? place - wrap->by : place;
}

// The next piece of a transfer that lies within one sector.
static size_t piece_of(off_t place, size_t left) {
  const size_t length = (size_t)(kSector - place % kSector);
  return length < left ? length : left;
}

static int read_disk(char* out, size_t size, off_t offset) {
  if (rule_for("read_error", offset, (off_t)size)) return -EIO;
  for (size_t at = 0, length; at < size; at += length) {
    const off_t place = offset + (off_t)at;
    length = piece_of(place, size - at);
    const ssize_t got = pread(backing, out + at, length, wrapped(place));
    if (got < 0) return -errno;
    for (ssize_t i = 0; i < got; ++i) {
      if (rule_count > 0 && rule_for("flip", place + i, 1)) out[at + (size_t)i] ^= 1;
    }
    if (got < (ssize_t)length) return (int)(at + (size_t)got);
  }
  return (int)size;
}

static int write_disk(const char* data, size_t size, off_t offset) {
  if (rule_for("write_error", offset, (off_t)size)) return -EIO;
  const struct rule* misdirect = rule_for("misdirect", offset, 1);
  const off_t by = misdirect ? misdirect->by : 0;
  for (size_t at = 0, length; at < size; at += length) {
    const off_t place = offset + (off_t)at;
    length = piece_of(place, size - at);
    if (rule_for("drop", place, (off_t)length)) continue;
    if (pwrite(backing, data + at, length, wrapped(place) + by) != (ssize_t)length) return -EIO;
  }
  return (int)size;
}

static int read_file(const char* path, char* out, size_t size, off_t offset,
                     struct fuse_file_info* fi) {
  (void)fi;
  pthread_mutex_lock(&guard);
  int got = 0;
  if (strcmp(path, "/disk") == 0) {
    got = read_disk(out, size, offset);
  } else if ((size_t)offset < strlen(text)) {
    got = snprintf(out, size, "%s", text + offset);
    if (got > (int)size) got = (int)size;
  }
  pthread_mutex_unlock(&guard);
  return got;
}

static int write_file(const char* path, const char* data, size_t size, off_t offset,
                      struct fuse_file_info* fi) {
  (void)fi;
  if (strcmp(path, "/ctl") == 0) return set_rules(data, size);
  pthread_mutex_lock(&guard);
  const int put = write_disk(data, size, offset);
  pthread_mutex_unlock(&guard);
  return put;
}

static int sync_file(const char* path, int only_data, struct fuse_file_info* fi) {
  (void)path, (void)only_data, (void)fi;
  return 0;
}

int main(int argc, char** argv) {
  static const struct fuse_operations operations = {
      .getattr = get_attributes,
      .readdir = list,
      .open = open_file,
      .truncate = truncate_file,
      .read = read_file,
      .write = write_file,
      .fsync = sync_file,
  };
  if (argc < 3) {
    fprintf(stderr, "usage: lying_fs BACKING-FILE MOUNT-POINT [FUSE options]\n");
    return 2;
  }
  backing = open(argv[1], O_RDWR | O_CLOEXEC);
  if (backing < 0) {
    perror(argv[1]);
    return 1;
  }
  argv[1] = argv[0];
  return fuse_main(argc - 1, argv + 1, &operations, NULL);
}
