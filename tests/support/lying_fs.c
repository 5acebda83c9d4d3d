// SPDX-License-Identifier: GPL-3.0-or-later
// A file system (FUSE) with one file, "disk", that lies and fails as the rules say that are written
// to its other file, "ctl". For tests only.
//
//   lying_fs BACKING-FILE MOUNT-POINT -f
//
// Rules, one a line, all of them replaced by each write; offsets and lengths in bytes:
//   drop FROM LENGTH          writes there are taken and forgotten
//   torn FROM LENGTH kept=N   of a write that touches it, only the first N bytes land
//   misdirect FROM LENGTH BY  what is written there lands BY bytes further on
//   wrap FROM LENGTH BY       there, whatever is written or read is BY bytes further back
//   volatile FROM LENGTH      writes there land with the next sync; reads see the medium
//   flip FROM LENGTH          the lowest bit of every byte read there is inverted
//   write_error FROM LENGTH   writes that touch it fail with EIO
//   read_error FROM LENGTH    reads that touch it fail with EIO
//   sync_error                a sync fails with EIO, and what was volatile is lost
//   sync_lie                  a sync succeeds and does nothing
//   slow_write FROM LENGTH ms=N, slow_read   transfers that touch it take so long
//   hang FROM LENGTH          transfers that touch it wait until the rules are replaced
// Any of them may have conditions, counted since the rules were written:
//   times=N                   strikes so many times only
//   after_written=N after_read=N after_syncs=N   not before so many bytes or syncs
// and the errors ms=N, the time they take. What strikes, and each sync with the bytes written
// before it, is told on standard output: SECONDS WHAT FROM LENGTH.
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { kMostRules = 64, kMostText = 8192, kSector = 512 };

struct rule {
  char what[16];
  long long from, length, by, kept, ms, times, after_written, after_read, after_syncs;
};

static struct rule rules[kMostRules];
static int rule_count;
static char text[kMostText];
static long long written, read_bytes, syncs;               // since the rules were written
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;  // over all of it
static pthread_cond_t replaced = PTHREAD_COND_INITIALIZER;
static struct stat backing;
static unsigned char* medium;
static unsigned char* cache;  // what is volatile, and in which sectors
static unsigned char* dirty;

static void tell(const char* what, long long from, long long length) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  printf("%lld.%03ld %s %lld %lld\n", (long long)now.tv_sec, now.tv_nsec / 1000000, what, from,
         length);
}

static int is_on(const struct rule* r) {
  return r->times != 0 && written >= r->after_written && read_bytes >= r->after_read &&
         syncs >= r->after_syncs;
}

// The first rule of that kind that is on and that the range touches, or NULL.
static struct rule* rule_for(const char* what, long long from, long long length) {
  for (int i = 0; i < rule_count; ++i) {
    struct rule* r = &rules[i];
    const int touches = from < r->from + r->length && r->from < from + length;
    if (touches && strcmp(r->what, what) == 0 && is_on(r)) return r;
  }
  return NULL;
}

// The same, and it strikes: counted and told.
static struct rule* strike(const char* what, long long from, long long length) {
  struct rule* r = rule_for(what, from, length);
  if (!r) return NULL;
  if (r->times > 0) --r->times;
  tell(what, from, length);
  return r;
}

static int set_option(struct rule* r, const char* word) {
  const struct {
    const char* name;
    long long* value;
  } options[] = {{"kept=", &r->kept},
                 {"ms=", &r->ms},
                 {"times=", &r->times},
                 {"after_written=", &r->after_written},
                 {"after_read=", &r->after_read},
                 {"after_syncs=", &r->after_syncs}};
  for (size_t i = 0; i < sizeof options / sizeof *options; ++i) {
    const size_t length = strlen(options[i].name);
    if (strncmp(word, options[i].name, length) != 0) continue;
    *options[i].value = atoll(word + length);
    return 1;
  }
  return 0;
}

static int parse_rule(char* line, struct rule* r) {
  memset(r, 0, sizeof *r);
  r->times = -1;
  long long* const numbers[] = {&r->from, &r->length, &r->by};
  size_t count = 0;
  char* rest = NULL;
  char* word = strtok_r(line, " ", &rest);
  if (!word || strlen(word) >= sizeof r->what) return 0;
  strcpy(r->what, word);
  while ((word = strtok_r(NULL, " ", &rest))) {
    if (strchr(word, '=') ? !set_option(r, word) : count == 3) return 0;
    if (!strchr(word, '=')) *numbers[count++] = atoll(word);
  }
  if (strncmp(r->what, "sync_", 5) == 0) r->length = 1;  // rule_for() asks for the first byte
  return 1;
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
    if (count == kMostRules) return -ENOSPC;
    if (!parse_rule(line, &fresh[count++])) return -EINVAL;
  }
  pthread_mutex_lock(&guard);
  memcpy(rules, fresh, sizeof fresh);
  rule_count = count;
  memcpy(text, from, size);
  text[size] = 0;
  written = read_bytes = syncs = 0;
  pthread_cond_broadcast(&replaced);
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
    *st = backing;
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

// Waits where a rule says so, with nobody else kept waiting. True: then the transfer fails.
static int waits_and_fails(const char* slowness, const char* error, long long from,
                           long long length) {
  if (rule_for("hang", from, length)) strike("hang", from, length);
  while (rule_for("hang", from, length)) pthread_cond_wait(&replaced, &guard);
  const struct rule* slow = rule_for(slowness, from, length);
  const struct rule* failing = strike(error, from, length);
  const long long ms = failing ? failing->ms : slow ? slow->ms : 0;
  const int fails = failing != NULL;
  if (ms > 0) {
    pthread_mutex_unlock(&guard);
    usleep((useconds_t)ms * 1000);
    pthread_mutex_lock(&guard);
  }
  return fails;
}

// Where a sector really is.
static long long wrapped(long long place) {
  const struct rule* wrap = rule_for("wrap", place, 1);
  return wrap ? place - wrap->by : place;
}

// The next piece of a transfer that lies within one sector.
static size_t piece_of(long long place, size_t left) {
  const size_t length = (size_t)(kSector - place % kSector);
  return length < left ? length : left;
}

static void read_disk(char* out, size_t size, long long offset) {
  for (size_t at = 0, length; at < size; at += length) {
    const long long place = offset + (long long)at;
    length = piece_of(place, size - at);
    memcpy(out + at, medium + wrapped(place), length);
    if (!rule_for("flip", place, (long long)length)) continue;
    for (size_t i = 0; i < length; ++i) {
      if (rule_for("flip", place + (long long)i, 1)) out[at + i] ^= 1;
    }
  }
}

static void write_disk(const char* data, size_t size, long long offset) {
  const struct rule* torn = rule_for("torn", offset, (long long)size);
  const size_t kept = torn && (size_t)torn->kept < size ? (size_t)torn->kept : size;
  if (kept < size) tell("torn", offset + (long long)kept, (long long)(size - kept));
  for (size_t at = 0, length; at < kept; at += length) {
    const long long place = offset + (long long)at;
    length = piece_of(place, kept - at);
    if (rule_for("drop", place, (long long)length)) continue;
    const struct rule* misdirect = rule_for("misdirect", place, 1);
    const long long real = wrapped(place) + (misdirect ? misdirect->by : 0);
    if (real < 0 || real + (long long)length > backing.st_size) continue;
    const int kept_back = rule_for("volatile", real, (long long)length) != NULL;
    memcpy((kept_back ? cache : medium) + real, data + at, length);
    dirty[real / kSector] = (unsigned char)kept_back;
  }
}

static int read_file(const char* path, char* out, size_t size, off_t offset,
                     struct fuse_file_info* fi) {
  (void)fi;
  pthread_mutex_lock(&guard);
  const int is_disk = strcmp(path, "/disk") == 0;
  const size_t end = is_disk ? (size_t)backing.st_size : strlen(text);
  const size_t left = (size_t)offset < end ? end - (size_t)offset : 0;
  int got = (int)(size < left ? size : left);
  if (!is_disk) {
    memcpy(out, text + offset, (size_t)got);
  } else if (waits_and_fails("slow_read", "read_error", offset, got)) {
    got = -EIO;
  } else {
    read_disk(out, (size_t)got, offset);
    read_bytes += got;
  }
  pthread_mutex_unlock(&guard);
  return got;
}

static int write_file(const char* path, const char* data, size_t size, off_t offset,
                      struct fuse_file_info* fi) {
  (void)fi;
  if (strcmp(path, "/ctl") == 0) return set_rules(data, size);
  int put = (int)size;
  pthread_mutex_lock(&guard);
  if (offset + (off_t)size > backing.st_size) {
    put = -ENOSPC;
  } else if (waits_and_fails("slow_write", "write_error", offset, (long long)size)) {
    put = -EIO;
  } else {
    write_disk(data, size, offset);
    written += put;
  }
  pthread_mutex_unlock(&guard);
  return put;
}

static int sync_file(const char* path, int only_data, struct fuse_file_info* fi) {
  (void)path, (void)only_data, (void)fi;
  pthread_mutex_lock(&guard);
  tell("sync", 0, written);
  const int fails = waits_and_fails("slow_sync", "sync_error", 0, 1);
  const int lies = rule_for("sync_lie", 0, 1) != NULL;
  for (long long sector = 0; !lies && sector * kSector < backing.st_size; ++sector) {
    const long long at = sector * kSector;
    if (dirty[sector] && !fails) memcpy(medium + at, cache + at, kSector);
    dirty[sector] = 0;
  }
  ++syncs;
  pthread_mutex_unlock(&guard);
  return fails ? -EIO : 0;
}

static void* memory(int file) {
  const int shared = file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
  return mmap(NULL, (size_t)backing.st_size, PROT_READ | PROT_WRITE, shared, file, 0);
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
  const int file = open(argv[1], O_RDWR | O_CLOEXEC);
  if (file < 0 || fstat(file, &backing) != 0) {
    perror(argv[1]);
    return 1;
  }
  medium = memory(file);
  cache = memory(-1);
  dirty = memory(-1);
  if (medium == MAP_FAILED || cache == MAP_FAILED || dirty == MAP_FAILED) {
    perror("memory");
    return 1;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  argv[1] = argv[0];
  return fuse_main(argc - 1, argv + 1, &operations, NULL);
}
