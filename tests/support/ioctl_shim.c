// SPDX-License-Identifier: GPL-3.0-or-later
// A drive that isn't there, for the shipped program without root (LD_PRELOAD). The folder
// $QUIETUS_SHIM holds
//   sys/      what the program finds in /sys
//   drive     the drive's content, a plain file that looks like a block device under $QUIETUS_SHIM_NODE
//   answers   what its firmware answers, one command a line; the first line that fits is taken:
//               scsi CDB STATUS SENSE DATA [THEN]     CDB: hex, its beginning; DATA: a file here, or -
//               nvme QUEUE OPCODE CDW10 STATUS RESULT DATA [THEN]    CDW10 may be *
//               mmc OPCODE RESPONSE DATA
//             THEN: a file here with the answers from now on; "erased" also empties the drive
//   log       every command that was sent, a line each, with the data that went with it
// What no line fits is refused, as a drive does that lacks the command. All numbers are hex.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/mmc/ioctl.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define NUMBER makedev(240, 0)
#define GET_DISK_SEQUENCE _IOR(0x12, 128, unsigned long long)
#define LINE 4096

static const char *folder(void) { return getenv("QUIETUS_SHIM"); }

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

// The path that is really meant, in `room` if it is another one.
static const char *meant(const char *path, char room[PATH_MAX]) {
  const char *node = getenv("QUIETUS_SHIM_NODE");
  if (path == NULL || folder() == NULL || node == NULL) return path;
  if (strcmp(path, node) == 0) {
    snprintf(room, PATH_MAX, "%s/drive", folder());
    return room;
  }
  if (strncmp(path, "/sys/", 5) != 0) return path;
  snprintf(room, PATH_MAX, "%s%s", folder(), path);
  return room;
}

static int is_drive(dev_t device, ino_t inode) {
  static int (*stat_of)(const char *, struct stat *);
  char path[PATH_MAX];
  struct stat drive;
  if (folder() == NULL) return 0;
  if (stat_of == NULL) *(void **)&stat_of = real("stat");
  snprintf(path, sizeof path, "%s/drive", folder());
  return stat_of(path, &drive) == 0 && drive.st_dev == device && drive.st_ino == inode;
}

static int is_drive_open(int fd) {
  static int (*fstat_of)(int, struct stat *);
  struct stat found;
  if (fstat_of == NULL) *(void **)&fstat_of = real("fstat");
  return fstat_of(fd, &found) == 0 && is_drive(found.st_dev, found.st_ino);
}

static void look_like_a_device(struct stat *found) {
  if (!is_drive(found->st_dev, found->st_ino)) return;
  found->st_mode = S_IFBLK | 0660;
  found->st_rdev = NUMBER;
  found->st_size = 0;
}

#define STAT(name, type)                                          \
  int name(const char *path, type *found) {                       \
    char room[PATH_MAX];                                          \
    int (*next)(const char *, type *);                            \
    *(void **)&next = real(#name);                                \
    int status = next(meant(path, room), found);                  \
    if (status == 0) look_like_a_device((struct stat *)found);    \
    return status;                                                \
  }
STAT(stat, struct stat)
STAT(stat64, struct stat64)
STAT(lstat, struct stat)
STAT(lstat64, struct stat64)

#define FSTAT(name, type)                                         \
  int name(int fd, type *found) {                                 \
    int (*next)(int, type *);                                     \
    *(void **)&next = real(#name);                                \
    int status = next(fd, found);                                 \
    if (status == 0) look_like_a_device((struct stat *)found);    \
    return status;                                                \
  }
FSTAT(fstat, struct stat)
FSTAT(fstat64, struct stat64)

int statx(int fd, const char *restrict path, int flags, unsigned mask,
          struct statx *restrict found) {
  char room[PATH_MAX];
  int (*next)(int, const char *, int, unsigned, struct statx *);
  *(void **)&next = real("statx");
  int status = next(fd, meant(path, room), flags, mask, found);
  if (status == 0 && is_drive(makedev(found->stx_dev_major, found->stx_dev_minor), found->stx_ino)) {
    found->stx_mode = S_IFBLK | 0660;
    found->stx_rdev_major = major(NUMBER);
    found->stx_rdev_minor = minor(NUMBER);
    found->stx_size = 0;
  }
  return status;
}

// O_EXCL without O_CREAT means something to devices only.
static int fitting(int flags) { return flags & O_CREAT ? flags : flags & ~O_EXCL; }

#define OPEN(name)                                                \
  int name(const char *path, int flags, ...) {                    \
    char room[PATH_MAX];                                          \
    va_list more;                                                 \
    va_start(more, flags);                                        \
    int mode = va_arg(more, int);                                 \
    va_end(more);                                                 \
    int (*next)(const char *, int, ...);                          \
    *(void **)&next = real(#name);                                \
    return next(meant(path, room), fitting(flags), mode);         \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                              \
  int name(int at, const char *path, int flags, ...) {            \
    char room[PATH_MAX];                                          \
    va_list more;                                                 \
    va_start(more, flags);                                        \
    int mode = va_arg(more, int);                                 \
    va_end(more);                                                 \
    int (*next)(int, const char *, int, ...);                     \
    *(void **)&next = real(#name);                                \
    return next(at, meant(path, room), fitting(flags), mode);     \
  }
OPENAT(openat)
OPENAT(openat64)

// What fortified programs call instead.
int __open_2(const char *path, int flags) { return open(path, flags); }
int __open64_2(const char *path, int flags) { return open64(path, flags); }
int __openat_2(int at, const char *path, int flags) { return openat(at, path, flags); }
int __openat64_2(int at, const char *path, int flags) { return openat64(at, path, flags); }

ssize_t readlink(const char *restrict path, char *restrict text, size_t size) {
  char room[PATH_MAX];
  ssize_t (*next)(const char *, char *, size_t);
  *(void **)&next = real("readlink");
  return next(meant(path, room), text, size);
}
ssize_t __readlink_chk(const char *path, char *text, size_t size, size_t room) {
  if (size > room) abort();
  return readlink(path, text, size);
}

char *realpath(const char *restrict path, char *restrict found) {
  char room[PATH_MAX];
  char *(*next)(const char *, char *);
  *(void **)&next = real("realpath");
  return next(meant(path, room), found);
}

void *opendir(const char *path) {
  char room[PATH_MAX];
  void *(*next)(const char *);
  *(void **)&next = real("opendir");
  return next(meant(path, room));
}

int access(const char *path, int mode) {
  char room[PATH_MAX];
  int (*next)(const char *, int);
  *(void **)&next = real("access");
  return next(meant(path, room), mode);
}

// ---- the firmware

static void to_hex(const unsigned char *bytes, size_t count, char *text) {
  *text = '\0';
  for (size_t at = 0; at < count; ++at) sprintf(text + 2 * at, "%02x", bytes[at]);
}

static size_t from_hex(const char *text, unsigned char *bytes, size_t room) {
  size_t count = 0;
  unsigned value;
  while (count < room && sscanf(text + 2 * count, "%2x", &value) == 1) {
    bytes[count++] = (unsigned char)value;
    if (text[2 * count] == '\0') break;
  }
  return count;
}

// One write, so that lines of several processes don't mix.
static void note(const char *kind, const char *words, const void *out, size_t count) {
  static char line[LINE + 2 * 65536];
  char path[PATH_MAX];
  if (count > 65536) count = 65536;
  int length = snprintf(line, LINE, "%s %s ", kind, words);
  to_hex(out, count, line + length);
  if (count == 0) strcpy(line + length, "-");
  strcat(line, "\n");
  snprintf(path, sizeof path, "%s/log", folder());
  int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (write(fd, line, strlen(line)) < 0) abort();
  close(fd);
}

// Fills from the file; what the file lacks is zero. Returns how much was there.
static size_t fill(const char *name, void *room, size_t size) {
  char path[PATH_MAX];
  if (strcmp(name, "-") == 0 || size == 0) return 0;
  snprintf(path, sizeof path, "%s/%s", folder(), name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) abort();
  memset(room, 0, size);
  ssize_t got = read(fd, room, size);
  close(fd);
  return got < 0 ? 0 : (size_t)got;
}

// The words of the first line of `answers` that begin so: "scsi", or "nvme" and the like.
static int find_answer(const char *kind, int (*fits)(char **words, const void *command),
                       const void *command, char line[LINE], char *words[8]) {
  char path[PATH_MAX];
  int found = 0;
  snprintf(path, sizeof path, "%s/answers", folder());
  FILE *file = fopen(path, "re");
  while (file != NULL && !found && fgets(line, LINE, file) != NULL) {
    int count = 0;
    memset(words, 0, 8 * sizeof *words);
    for (char *word = strtok(line, " \n"); word != NULL && count < 8; word = strtok(NULL, " \n")) {
      words[count++] = word;
    }
    found = count > 0 && strcmp(words[0], kind) == 0 && fits(words, command);
  }
  if (file != NULL) fclose(file);
  return found;
}

// What a command changed: the drive answers otherwise from now on.
static void go_on(const char *next) {
  char from[PATH_MAX], to[PATH_MAX];
  if (next == NULL) return;
  snprintf(from, sizeof from, "%s/%s", folder(), next);
  snprintf(to, sizeof to, "%s/answers", folder());
  if (rename(from, to) != 0) abort();
  if (strcmp(next, "erased") != 0) return;
  struct stat drive;
  snprintf(from, sizeof from, "%s/drive", folder());
  int (*stat_of)(const char *, struct stat *);
  *(void **)&stat_of = real("stat");
  if (stat_of(from, &drive) != 0 || truncate(from, 0) != 0 || truncate(from, drive.st_size) != 0) {
    abort();
  }
}

static int scsi_fits(char **words, const void *command) {
  const sg_io_hdr_t *header = command;
  char cdb[2 * 16 + 1];
  to_hex(header->cmdp, header->cmd_len, cdb);
  return strncmp(cdb, words[1], strlen(words[1])) == 0;
}

static int answer_scsi(sg_io_hdr_t *header) {
  // Fixed format: illegal request, invalid command operation code (SPC-4 4.5.3).
  static const char refusal[] = "70000500000000" "0a0000000020000000" "0000";
  char line[LINE], cdb[2 * 16 + 1];
  char *words[8];
  const char *status = "02", *sense = refusal, *data = "-", *next = NULL;
  to_hex(header->cmdp, header->cmd_len, cdb);
  note("scsi", cdb, header->dxferp, header->dxfer_direction == SG_DXFER_TO_DEV ? header->dxfer_len : 0);
  if (find_answer("scsi", scsi_fits, header, line, words)) {
    status = words[2];
    sense = words[3];
    data = words[4];
    next = words[5];
  }
  header->status = (unsigned char)strtoul(status, NULL, 16);
  header->host_status = 0;
  header->driver_status = strcmp(sense, "-") == 0 ? 0 : 8;
  header->sb_len_wr = 0;
  if (strcmp(sense, "-") != 0) {
    header->sb_len_wr = (unsigned char)from_hex(sense, header->sbp, header->mx_sb_len);
  }
  header->resid = 0;
  if (header->dxfer_direction == SG_DXFER_FROM_DEV) {
    header->resid = (int)(header->dxfer_len - fill(data, header->dxferp, header->dxfer_len));
  }
  go_on(next);
  return 0;
}

struct nvme_words {
  const char *queue;
  const struct nvme_passthru_cmd *command;
};

static int nvme_fits(char **words, const void *command) {
  const struct nvme_words *wanted = command;
  return strcmp(words[1], wanted->queue) == 0 &&
         strtoul(words[2], NULL, 16) == wanted->command->opcode &&
         (strcmp(words[3], "*") == 0 || strtoul(words[3], NULL, 16) == wanted->command->cdw10);
}

static int answer_nvme(const char *queue, struct nvme_passthru_cmd *command) {
  char line[LINE], text[128];
  char *words[8];
  struct nvme_words wanted = {queue, command};
  void *data = (void *)(size_t)command->addr;
  snprintf(text, sizeof text, "%s %02x nsid %x cdw10 %x cdw11 %x", queue, command->opcode,
           command->nsid, command->cdw10, command->cdw11);
  note("nvme", text, data, command->opcode & 1 ? command->data_len : 0);
  if (!find_answer("nvme", nvme_fits, &wanted, line, words)) return 0x4001;  // invalid opcode
  command->result = (unsigned)strtoul(words[5], NULL, 16);
  if (!(command->opcode & 1)) fill(words[6], data, command->data_len);
  const int status = (int)strtoul(words[4], NULL, 16);
  go_on(words[7]);
  return status;
}

static int mmc_fits(char **words, const void *command) {
  return strtoul(words[1], NULL, 16) == ((const struct mmc_ioc_cmd *)command)->opcode;
}

static int answer_mmc(struct mmc_ioc_multi_cmd *row) {
  for (unsigned long long at = 0; at < row->num_of_cmds; ++at) {
    struct mmc_ioc_cmd *command = &row->cmds[at];
    char line[LINE], text[64];
    char *words[8];
    size_t count = (size_t)command->blksz * command->blocks;
    void *data = (void *)(size_t)command->data_ptr;
    snprintf(text, sizeof text, "%02x arg %x flags %x", command->opcode, command->arg, command->flags);
    note("mmc", text, data, command->write_flag ? count : 0);
    if (!find_answer("mmc", mmc_fits, command, line, words)) return errno = ETIMEDOUT, -1;
    command->response[0] = (unsigned)strtoul(words[2], NULL, 16);
    if (!command->write_flag) fill(words[3], data, count);
  }
  return 0;
}

static int answer(int fd, unsigned long request, void *argument) {
  off_t size = lseek(fd, 0, SEEK_END);
  switch (request) {
    case BLKGETSIZE64: return *(unsigned long long *)argument = (unsigned long long)size, 0;
    case BLKSSZGET: return *(int *)argument = 512, 0;
    case BLKPBSZGET: return *(unsigned *)argument = 512, 0;
    case BLKROGET: return *(int *)argument = 0, 0;
    case GET_DISK_SEQUENCE: return *(unsigned long long *)argument = 7, 0;
    case BLKFLSBUF: return 0;
    case BLKRRPART: return errno = EINVAL, -1;
    case SG_IO: return answer_scsi(argument);
    case NVME_IOCTL_ADMIN_CMD: return answer_nvme("admin", argument);
    case NVME_IOCTL_IO_CMD: return answer_nvme("io", argument);
    case MMC_IOC_MULTI_CMD: return answer_mmc(argument);
    default: return errno = ENOTTY, -1;
  }
}

int ioctl(int fd, unsigned long request, ...) {
  va_list more;
  va_start(more, request);
  void *argument = va_arg(more, void *);
  va_end(more);
  if (is_drive_open(fd)) return answer(fd, request, argument);
  int (*next)(int, unsigned long, void *);
  *(void **)&next = real("ioctl");
  return next(fd, request, argument);
}
