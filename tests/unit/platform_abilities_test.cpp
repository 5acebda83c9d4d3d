// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxDirectory and LinuxMedium: attributes, marks, names for fillers, the last block's rest, and
// what is mounted on names.
#include <csignal>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <thread>

#include "linux/extended_attributes.h"
#include "linux/lease.h"
#include "platform_world.h"

namespace quietus::test {
namespace {

struct World {
  DiskFolder folder = DiskFolder();
  LinuxPlatform platform = LinuxPlatform();
  std::unique_ptr<Directory> directory = open_folder(platform, folder);

  std::unique_ptr<Medium> open(const std::string& name, Access access = Access::read_write) {
    return take(directory->open_at(name, access));
  }
  [[nodiscard]] std::string value(const std::string& name, const char* attribute) const {
    std::string text(4096, '\0');
    const ssize_t got = ::lgetxattr((folder / name).c_str(), attribute, text.data(), text.size());
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
  }
  bool set(const std::string& name, const char* attribute, const std::string& text) const {
    return ::lsetxattr((folder / name).c_str(), attribute, text.data(), text.size(), 0) == 0;
  }
};

TEST_CASE("platform: a list of attribute names is taken apart") {
  using namespace std::string_literals;
  CHECK(attribute_names("").empty());
  CHECK(attribute_names("user.b\0user.a\0"s) == std::vector<std::string>{"user.a", "user.b"});
  CHECK(attribute_names("cut"s) == std::vector<std::string>{"cut"});
  CHECK(attribute_names("\0\0x\0"s) == std::vector<std::string>{"x"});
}

TEST_CASE("platform: attributes are listed, replaced and removed, and never made by replacing") {
  World world;
  world.folder.put("file", "content");
  if (!world.set("file", "user.note", "twelve bytes")) {
    MESSAGE("skipped: no extended attributes here");
    return;
  }
  const auto medium = world.open("file", Access::read);
  CHECK(take(medium->extended_attributes()) == std::vector<ExtendedAttribute>{{"user.note", 12}});
  succeed(medium->replace_attribute("user.note", bytes_of("other bytes!")));
  CHECK(world.value("file", "user.note") == "other bytes!");
  CHECK(code_of(medium->replace_attribute("user.more", bytes_of("x"))) == Errc::not_found);
  CHECK(world.value("file", "user.more").empty());
  succeed(medium->remove_attribute("user.note"));
  CHECK(code_of(medium->remove_attribute("user.note")) == Errc::not_found);
  CHECK(take(medium->extended_attributes()).empty());
  const std::string huge(70'000, 'x');
  CHECK(code_of(world.directory->add_attribute_at("file", "user.huge", bytes_of(huge))) ==
        Errc::invalid);
}

TEST_CASE("platform: a directory's attributes, and those that are added to a name") {
  World world;
  world.folder.put("file", "content");
  if (!world.set("file", "user.probe", "x")) return;
  succeed(world.directory->make_directory_at("below", 0700));
  succeed(world.directory->add_attribute_at("below", "user.a", bytes_of("one")));
  succeed(world.directory->add_attribute_at("file", "user.b", bytes_of("two")));
  CHECK(world.value("below", "user.a") == "one");
  CHECK(world.value("file", "user.b") == "two");
  CHECK(code_of(world.directory->add_attribute_at("file", "user.b", bytes_of("x"))) ==
        Errc::exists);
  const auto below = take(world.directory->open_directory_at("below"));
  CHECK(take(below->extended_attributes()) == std::vector<ExtendedAttribute>{{"user.a", 3}});
  succeed(below->replace_attribute("user.a", bytes_of("eno")));
  CHECK(world.value("below", "user.a") == "eno");
  succeed(below->remove_attribute("user.a"));
  CHECK(take(below->extended_attributes()).empty());
  std::filesystem::create_symlink("file", world.folder / "link");
  CHECK(code_of(world.directory->add_attribute_at("link", "user.c", bytes_of("x"))) ==
        Errc::unsupported);
}

TEST_CASE("platform: an access control list is an attribute that takes no noise") {
  World world;
  world.folder.put("file", "content");
  // Version 2: owner rw, user 12 r, group r, mask r, others none (acl(5), linux/posix_acl_xattr.h).
  const unsigned char list[] = {2,  0, 0, 0,                          //
                                1,  0, 6, 0, 0xff, 0xff, 0xff, 0xff,  //
                                2,  0, 4, 0, 12,   0,    0,    0,     //
                                4,  0, 4, 0, 0xff, 0xff, 0xff, 0xff,  //
                                16, 0, 4, 0, 0xff, 0xff, 0xff, 0xff,  //
                                32, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};
  const std::string text(list, list + sizeof list);
  if (!world.set("file", "system.posix_acl_access", text)) {
    MESSAGE("skipped: no access control lists here");
    return;
  }
  const auto medium = world.open("file");
  // XFS shows root where it keeps it, too: "trusted.SGI_ACL_FILE".
  CHECK(take(medium->extended_attributes()).front() ==
        ExtendedAttribute{"system.posix_acl_access", sizeof list});
  const std::string noise(sizeof list, 'x');
  CHECK_FALSE(medium->replace_attribute("system.posix_acl_access", bytes_of(noise)).ok());
  succeed(medium->remove_attribute("system.posix_acl_access"));
  CHECK(take(medium->extended_attributes()).empty());
}

TEST_CASE("platform: marks are taken off and the owner may write") {
  World world;
  world.folder.put("file", "content");
  ::chmod((world.folder / "file").c_str(), 0444);
  succeed(world.directory->make_directory_at("below", 0500));
  for (const char* const name : {"file", "below"}) {
    const int fd = ::open((world.folder / name).c_str(), O_RDONLY | O_CLOEXEC);
    int marks = 0;
    const bool has_marks = ::ioctl(fd, FS_IOC_GETFLAGS, &marks) == 0;
    marks |= FS_IMMUTABLE_FL | FS_APPEND_FL;
    const bool is_marked = has_marks && ::ioctl(fd, FS_IOC_SETFLAGS, &marks) == 0;
    ::close(fd);
    if (is_marked) {
      const auto seen = take(world.directory->inspect_at(name));
      CHECK((seen.immutable && seen.append_only));
    }
    succeed(world.directory->allow_changes_at(name));
    const Attributes freed = take(world.directory->inspect_at(name));
    CHECK_FALSE((freed.immutable || freed.append_only));
    CHECK((freed.mode & 0200U) != 0);
  }
  CHECK(take(world.directory->inspect_at("file")).mode == 0644);
  std::filesystem::create_symlink("file", world.folder / "link");
  CHECK(code_of(world.directory->allow_changes_at("link")) == Errc::unsupported);
  CHECK(::mkfifo((world.folder / "fifo").c_str(), 0600) == 0);
  CHECK(code_of(world.directory->allow_changes_at("fifo")) == Errc::unsupported);
}

std::uint64_t block_of(Medium& medium) { return take(medium.geometry()).file_system_block_bytes; }

timespec modified(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mtim;
}

bool rewrites_in_place(World& world) {
  const FileSystemFacts facts = take(world.platform.file_system_of(*world.directory));
  return facts.in_place == InPlace::yes && (facts.type == "ext4" || facts.type == "xfs");
}

TEST_CASE("platform: the last byte is rewritten as it is, and the times stay") {
  World world;
  world.folder.put("file", std::string(5000, 'c'));
  const auto medium = world.open("file");
  const timespec before = modified(world.folder / "file");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const Status rewritten = medium->rewrite_last_byte();
  if (!rewrites_in_place(world)) {
    if (!rewritten) CHECK(code_of(rewritten) == Errc::unsupported);
    return;
  }
  succeed(rewritten);
  succeed(medium->flush());
  CHECK(world.folder.get("file") == std::string(5000, 'c'));
  const timespec after = modified(world.folder / "file");
  CHECK(after.tv_sec == before.tv_sec);
  CHECK(after.tv_nsec == before.tv_nsec);

  SUBCASE("not of a file that is open for reading, or by somebody else") {
    const auto reader = world.open("file", Access::read);
    CHECK(code_of(reader->rewrite_last_byte()) == Errc::read_only);
    CHECK(code_of(medium->rewrite_last_byte()) == Errc::busy);
  }
  SUBCASE("an empty file and one that ends in a hole have nothing to rewrite") {
    succeed(medium->resize(0));
    succeed(medium->rewrite_last_byte());
    succeed(medium->resize(1 << 20));
    succeed(medium->rewrite_last_byte());
    CHECK(total_bytes(take(medium->data_extents())) <= block_of(*medium));
  }
  SUBCASE("shared content is refused") {
    const int other = ::open((world.folder / "clone").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const int own = ::open((world.folder / "file").c_str(), O_RDONLY | O_CLOEXEC);
    const bool cloned = ::ioctl(other, FICLONE, own) == 0;
    ::close(own);
    ::close(other);
    if (cloned) CHECK(code_of(medium->rewrite_last_byte()) == Errc::unsupported);
  }
}

TEST_CASE("platform: what lies behind the end in the last block is zeros afterwards") {
  World world;
  const char* const disk = std::getenv("QUIETUS_TEST_DISK");
  if (disk == nullptr || !rewrites_in_place(world) || ::geteuid() != 0) return;
  if (take(world.platform.file_system_of(*world.directory)).journals_data) return;
  world.folder.put("file", std::string(9000, 'c'));
  const auto medium = world.open("file");
  succeed(medium->flush());
  const auto file = take(world.platform.stored(*medium));
  if (file.pieces.empty()) return;
  const StoredPiece& last = file.pieces.back();
  const DeviceExtent place = last.copies.front();
  const std::uint64_t end = 9000 - last.logical.offset + place.extent.offset;
  const std::uint64_t rest = block_of(*medium) - 9000 % block_of(*medium);
  // Old data in the rest of the block, put there past the file system.
  const std::string node =
      take(take(world.platform.open_device_number(place.device))->device()).path;
  const int raw = ::open(node.c_str(), O_RDWR | O_CLOEXEC | O_SYNC);
  const std::string old(rest, 'O');
  REQUIRE(::pwrite(raw, old.data(), old.size(), static_cast<off_t>(end)) ==
          static_cast<ssize_t>(rest));
  succeed(medium->rewrite_last_byte());
  succeed(medium->flush());
  std::string found(rest, 'x');
  CHECK(::posix_fadvise(raw, 0, 0, POSIX_FADV_DONTNEED) == 0);
  CHECK(::pread(raw, found.data(), found.size(), static_cast<off_t>(end)) ==
        static_cast<ssize_t>(rest));
  ::close(raw);
  CHECK(found == std::string(rest, '\0'));
  CHECK(world.folder.get("file") == std::string(9000, 'c'));
}

/// Appends its own letter to the file, again and again, as another process.
class Writer final {
 public:
  Writer(const std::string& path, int rounds) {
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ != 0) return;
    for (int round = 0; round < rounds; ++round) {
      const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
      const off_t end = ::lseek(fd, -1, SEEK_END);
      const char letter = static_cast<char>('a' + round % 26);
      if (fd < 0 || ::pwrite(fd, &letter, 1, end) != 1 || ::pwrite(fd, &letter, 1, end + 1) != 1)
        ::_exit(1);
      ::close(fd);
      ::usleep(300);
    }
    ::_exit(0);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { ::waitpid(child_, nullptr, 0); }
  [[nodiscard]] bool is_done() {
    int status = 0;
    const pid_t ended = ::waitpid(child_, &status, WNOHANG);
    if (ended == 0) return false;
    CHECK(ended == child_);
    CHECK(status == 0);
    return true;
  }

 private:
  pid_t child_ = -1;
};

TEST_CASE("platform: who opens the file during a lease waits for its end") {
  World world;
  world.folder.put("file", "content");
  const int fd = ::open((world.folder / "file").c_str(), O_RDWR | O_CLOEXEC);
  const auto seconds_to_open = [&](int hold_ms) {
    auto lease = std::make_unique<Lease>(fd);
    if (!lease->held()) return -1.0;
    CHECK(lease->still_held());
    const auto start = std::chrono::steady_clock::now();
    std::thread holder([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(hold_ms));
      CHECK_FALSE(lease->still_held());  // somebody waits
      lease.reset();
    });
    const pid_t child = ::fork();
    if (child == 0) ::_exit(::open((world.folder / "file").c_str(), O_WRONLY) < 0 ? 1 : 0);
    int status = -1;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    holder.join();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const double took = seconds_to_open(300);
  if (took < 0) MESSAGE("skipped: no leases here");
  CHECK((took < 0 || took >= 0.29));
  ::close(fd);
}

TEST_CASE("platform: a program that writes meanwhile loses nothing") {
  World world;
  if (!rewrites_in_place(world)) return;
  ::signal(SIGURG, SIG_IGN);
  constexpr int kRounds = 1500;
  world.folder.put("file", "-");
  int rewritten = 0;
  int busy = 0;
  {
    Writer writer(world.folder / "file", kRounds);
    while (!writer.is_done()) {
      const auto medium = world.directory->open_at("file", Access::read_write);
      if (!medium) continue;
      const Status done = (*medium)->rewrite_last_byte();
      if (!done && done.error().code == Errc::unsupported) continue;  // inline while it is short
      REQUIRE((done || done.error().code == Errc::busy));
      ++(done ? rewritten : busy);
    }
  }
  std::string expected;
  for (int round = 0; round < kRounds; ++round) {
    const char letter = static_cast<char>('a' + round % 26);
    if (expected.empty()) expected = "-";
    expected.back() = letter;
    expected += letter;
  }
  CHECK((world.folder.get("file") == expected));
  MESSAGE("rewritten ", rewritten, " times, busy ", busy, " times");
  CHECK(rewritten + busy > 0);
}

TEST_CASE("platform: names for fillers") {
  World world;
  succeed(world.directory->make_file_at("file", 0600));
  CHECK(take(world.directory->inspect_at("file")).kind == NodeKind::regular);
  CHECK(code_of(world.directory->make_file_at("file", 0600)) == Errc::exists);
  CHECK(code_of(world.directory->make_file_at(std::string(300, 'n'), 0600)) == Errc::invalid);
  const Status link = world.directory->make_symlink_at("link", "somewhere/else");
  if (link) {
    CHECK(std::filesystem::read_symlink(world.folder / "link") == "somewhere/else");
    CHECK(code_of(world.directory->make_symlink_at("link", "x")) == Errc::exists);
    CHECK(code_of(world.directory->make_symlink_at("long", std::string(5000, 't'))) ==
          Errc::invalid);
    CHECK(code_of(world.directory->set_mode_at("link", 0700)) == Errc::unsupported);
  }
  succeed(world.directory->make_directory_at("below", 0700));
  const auto below = take(world.directory->open_directory_at("below"));
  const Status second = world.directory->link_at("file", *below, "other");
  if (second) {
    CHECK(take(below->inspect_at("other")).identity ==
          take(world.directory->inspect_at("file")).identity);
    CHECK(take(below->inspect_at("other")).links == 2);
    CHECK(code_of(world.directory->link_at("file", *below, "other")) == Errc::exists);
    CHECK(code_of(world.directory->link_at("below", *below, "loop")) == Errc::permission);
  }
  for (const std::string bad : {"", ".", "..", "a/b"}) {
    CAPTURE(bad);
    CHECK(code_of(world.directory->make_file_at(bad, 0600)) == Errc::invalid);
    CHECK(code_of(world.directory->make_symlink_at(bad, "x")) == Errc::invalid);
    CHECK(code_of(world.directory->link_at(bad, *below, "x")) == Errc::invalid);
    CHECK(code_of(world.directory->link_at("file", *below, bad)) == Errc::invalid);
    CHECK(code_of(world.directory->set_mode_at(bad, 0600)) == Errc::invalid);
    CHECK(code_of(world.directory->allow_changes_at(bad)) == Errc::invalid);
    CHECK(code_of(world.directory->add_attribute_at(bad, "user.x", {})) == Errc::invalid);
  }
}

/// A folder of the test's own that something is mounted on, in a mount table of its own thread.
void with_mounts(World& world, const std::function<void()>& check) {
  bool has_mounts = false;
  std::thread inside([&] {
    if (::unshare(CLONE_NEWNS | CLONE_FS) != 0) return;
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return;
    const std::string below = world.folder / "below";
    const std::string bound = world.folder / "bound";
    has_mounts =
        ::mount("quietus-test", below.c_str(), "tmpfs", 0, nullptr) == 0 &&
        ::mount((world.folder / "file").c_str(), bound.c_str(), nullptr, MS_BIND, nullptr) == 0;
    if (has_mounts) check();
  });
  inside.join();
  if (!has_mounts) MESSAGE("skipped: nothing can be mounted here");
}

void check_borders(World& world) {
  CHECK(world.directory->open_at("bound", Access::read).ok());
  const auto file = world.directory->open_at("bound", Access::read_write);
  REQUIRE(code_of(file) == Errc::unsupported);
  CHECK(file.error().os_code == EXDEV);
  CHECK(file.error().what.find("something else is mounted there") != std::string::npos);
  const auto folder = world.directory->open_directory_at("below");
  REQUIRE(code_of(folder) == Errc::unsupported);
  CHECK(folder.error().what.find("something else is mounted there") != std::string::npos);
  CHECK(code_of(world.directory->allow_changes_at("below")) == Errc::unsupported);
  CHECK(code_of(world.directory->add_attribute_at("bound", "user.x", {})) == Errc::unsupported);
  CHECK(world.directory->open_at("file", Access::read_write).ok());
  CHECK(world.directory->open_directory_at("free").ok());
  // By path it is reached all the same, and so is the directory above it.
  const auto inside = take(world.platform.open_directory(world.folder / "below"));
  CHECK(take(take(inside->open_parent())->attributes()).identity ==
        take(world.directory->attributes()).identity);
}

void prepare_borders(const World& world) {
  world.folder.put("file", "content");
  world.folder.put("bound", "covered");
  world.folder.put("below/covered", "x");
  world.folder.put("free/x", "x");
}

TEST_CASE("platform: what is mounted on a name is not opened by it, but for reading a file") {
  World world;
  prepare_borders(world);
  with_mounts(world, [&] {
    world.directory = open_folder(world.platform, world.folder);  // by the new table
    check_borders(world);
  });
}

/// From now on this thread's kernel does not know openat2.
bool forget_openat2() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{std::size(program), &program[0]};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0 &&
         ::syscall(SYS_openat2, AT_FDCWD, "/", nullptr, 0) < 0 && errno == ENOSYS;
}

TEST_CASE("platform: mounts are not crossed on kernels without openat2 either") {
  World world;
  prepare_borders(world);
  with_mounts(world, [&] {
    world.directory = open_folder(world.platform, world.folder);
    REQUIRE(forget_openat2());
    check_borders(world);
  });
}

}  // namespace
}  // namespace quietus::test
