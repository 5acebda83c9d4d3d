// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxDirectory and LinuxPlatform::locate on a real disk: names, links, FIFOs, locks.
#include <set>
#include <sys/file.h>

#include "platform_world.h"
#include "posix/posix_directory.h"

namespace quietus::test {
namespace {

using std::chrono::milliseconds;

struct World {
  DiskFolder folder = DiskFolder();
  LinuxPlatform platform = LinuxPlatform();
  std::unique_ptr<Directory> directory = open_folder(platform, folder);
};

TEST_CASE("platform: only single names are names") {
  World world;
  world.folder.put("sub/file", "x");
  for (const std::string& bad :
       std::vector<std::string>{"", ".", "..", "sub/file", "/", "sub/", std::string("a\0b", 3)}) {
    CHECK(code_of(world.directory->open_at(bad, Access::read)) == Errc::invalid);
    CHECK(code_of(world.directory->inspect_at(bad)) == Errc::invalid);
    CHECK(code_of(world.directory->create_at(bad, 0600)) == Errc::invalid);
    CHECK(code_of(world.directory->open_directory_at(bad)) == Errc::invalid);
    CHECK(code_of(world.directory->make_directory_at(bad, 0700)) == Errc::invalid);
    CHECK(code_of(world.directory->rename_at("sub", bad)) == Errc::invalid);
    CHECK(code_of(world.directory->rename_at(bad, "new")) == Errc::invalid);
    CHECK(code_of(world.directory->replace_at("sub", bad)) == Errc::invalid);
    CHECK(code_of(world.directory->unlink_at(bad)) == Errc::invalid);
    CHECK(code_of(world.directory->remove_directory_at(bad)) == Errc::invalid);
    CHECK(code_of(world.directory->lock_at(bad, milliseconds(0))) == Errc::invalid);
  }
}

TEST_CASE("platform: a symbolic link is never followed") {
  World world;
  world.folder.put("sub/file", "x");
  std::filesystem::create_symlink("sub/file", world.folder / "to-file");
  std::filesystem::create_symlink("sub", world.folder / "to-folder");
  const auto file = world.directory->open_at("to-file", Access::read_write);
  CHECK(code_of(file) == Errc::unsupported);
  CHECK(file.error().what == "cannot open " + (world.folder / "to-file") +
                                 ": it is a symbolic link, not a regular file");
  CHECK(code_of(world.directory->open_directory_at("to-folder")) == Errc::unsupported);
  CHECK(take(world.directory->inspect_at("to-file")).kind == NodeKind::symlink);
  CHECK(code_of(world.directory->create_at("to-file", 0600)) == Errc::exists);
  CHECK(code_of(world.directory->lock_at("to-file", milliseconds(0))) == Errc::unsupported);
}

TEST_CASE("platform: a FIFO does not block and is not opened") {
  World world;
  REQUIRE(::mkfifo((world.folder / "fifo").c_str(), 0600) == 0);
  CHECK(code_of(world.directory->open_at("fifo", Access::read)) == Errc::unsupported);
  CHECK(code_of(world.directory->open_at("fifo", Access::read_write)) == Errc::unsupported);
  CHECK(take(world.directory->inspect_at("fifo")).kind == NodeKind::fifo);
}

TEST_CASE("platform: opening does not truncate, and needs what is there") {
  World world;
  world.folder.put("file", "content");
  take(world.directory->open_at("file", Access::read_write));
  CHECK(world.folder.get("file") == "content");
  CHECK(code_of(world.directory->open_at("none", Access::read_write)) == Errc::not_found);
  CHECK_FALSE(std::filesystem::exists(world.folder / "none"));
  CHECK(code_of(world.directory->open_directory_at("file")) == Errc::unsupported);
  CHECK(code_of(world.directory->open_at("none", Access::read)) == Errc::not_found);
}

TEST_CASE("platform: a running program is busy") {
  World world;
  std::filesystem::copy_file("/bin/sleep", world.folder / "program");
  std::filesystem::permissions(world.folder / "program", std::filesystem::perms::owner_all);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl((world.folder / "program").c_str(), "program", "60", nullptr);
    ::_exit(1);
  }
  // Until the child has become the program.
  const std::string exe = "/proc/" + std::to_string(child) + "/exe";
  for (int tries = 0; tries < 500; ++tries) {
    std::error_code ignored;
    if (std::filesystem::read_symlink(exe, ignored) == world.folder / "program") break;
    ::usleep(10000);
  }
  CHECK(code_of(world.directory->open_at("program", Access::read_write)) == Errc::busy);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST_CASE("platform: new files and directories have the mode asked for, whatever the umask") {
  World world;
  const mode_t before = ::umask(077);
  take(world.directory->create_at("public", 0644));
  take(world.directory->create_at("private", 0600));
  succeed(world.directory->make_directory_at("folder", 0755));
  ::umask(before);
  CHECK(take(world.directory->inspect_at("public")).mode == 0644);
  CHECK(take(world.directory->inspect_at("private")).mode == 0600);
  CHECK(take(world.directory->inspect_at("folder")).mode == 0755);
  CHECK(code_of(world.directory->create_at("public", 0600)) == Errc::exists);
  CHECK(code_of(world.directory->make_directory_at("folder", 0700)) == Errc::exists);
}

TEST_CASE("platform: renaming never replaces, replacing does") {
  World world;
  world.folder.put("one", "1");
  world.folder.put("two", "2");
  CHECK(code_of(world.directory->rename_at("one", "two")) == Errc::exists);
  CHECK(world.folder.get("two") == "2");
  succeed(world.directory->rename_at("one", "three"));
  CHECK(world.folder.get("three") == "1");
  CHECK_FALSE(std::filesystem::exists(world.folder / "one"));
  CHECK(code_of(world.directory->rename_at("one", "four")) == Errc::not_found);
  succeed(world.directory->replace_at("three", "two"));
  CHECK(world.folder.get("two") == "1");
}

TEST_CASE("platform: renaming without replacing where the kernel does not offer it") {
  World world;
  auto* const portable = dynamic_cast<PosixDirectory*>(world.directory.get());
  REQUIRE(portable != nullptr);
  world.folder.put("one", "1");
  world.folder.put("two", "2");
  world.folder.put("folder/file", "3");
  std::filesystem::create_directory(world.folder / "empty");
  CHECK(code_of(portable->PosixDirectory::rename_at("one", "two")) == Errc::exists);
  CHECK(code_of(portable->PosixDirectory::rename_at("folder", "empty")) == Errc::exists);
  CHECK(code_of(portable->PosixDirectory::rename_at("folder", "two")) == Errc::exists);
  CHECK(world.folder.get("two") == "2");
  succeed(portable->PosixDirectory::rename_at("one", "three"));
  CHECK(world.folder.get("three") == "1");
  CHECK_FALSE(std::filesystem::exists(world.folder / "one"));
  succeed(portable->PosixDirectory::rename_at("folder", "moved"));
  CHECK(world.folder.get("moved/file") == "3");
  CHECK_FALSE(std::filesystem::exists(world.folder / "folder"));
}

TEST_CASE("platform: removing") {
  World world;
  world.folder.put("folder/file", "3");
  CHECK(code_of(world.directory->remove_directory_at("folder")) == Errc::exists);
  CHECK(code_of(world.directory->unlink_at("folder")) == Errc::unsupported);
  const auto inner = take(world.directory->open_directory_at("folder"));
  succeed(inner->unlink_at("file"));
  succeed(inner->sync());
  succeed(world.directory->remove_directory_at("folder"));
  CHECK(code_of(world.directory->unlink_at("folder")) == Errc::not_found);
  succeed(world.directory->sync());
}

TEST_CASE("platform: a listing has every entry once, with its kind, and can be had again") {
  World world;
  world.folder.put("file", "x");
  world.folder.put("folder/inner", "x");
  std::filesystem::create_symlink("nowhere", world.folder / "link");
  for (int round = 0; round < 2; ++round) {
    std::set<std::pair<std::string, NodeKind>> found;
    while (const std::optional<Entry> entry = take(world.directory->next_entry())) {
      CHECK(found.emplace(entry->name, entry->kind).second);
    }
    CHECK(found == std::set<std::pair<std::string, NodeKind>>{{"file", NodeKind::regular},
                                                              {"folder", NodeKind::directory},
                                                              {"link", NodeKind::symlink}});
  }
}

TEST_CASE("platform: parents up to the top") {
  World world;
  world.folder.put("a/b/file", "x");
  const auto a = take(world.directory->open_directory_at("a"));
  const auto b = take(a->open_directory_at("b"));
  const auto above = take(b->open_parent());
  CHECK(take(above->attributes()).identity == take(a->attributes()).identity);
  const auto top = take(world.platform.open_directory("/"));
  const auto beyond = take(top->open_parent());
  CHECK(take(beyond->attributes()).identity == take(top->attributes()).identity);
}

TEST_CASE("platform: a lock excludes another process and ends with its object") {
  World world;
  {
    const auto lock = take(world.directory->lock_at("lock", milliseconds(0)));
    CHECK(take(world.directory->inspect_at("lock")).mode == 0600);
    CHECK(code_of(world.directory->lock_at("lock", milliseconds(50))) == Errc::busy);
  }
  take(world.directory->lock_at("lock", milliseconds(0)));
  const std::string path = world.folder / "lock";
  const Holder holder([&] {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    return ::flock(fd, LOCK_EX) == 0;
  });
  CHECK(code_of(world.directory->lock_at("lock", milliseconds(0))) == Errc::busy);
}

TEST_CASE("platform: a lock is waited for") {
  World world;
  world.folder.put("lock", "");
  const std::string path = world.folder / "lock";
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    ::flock(fd, LOCK_EX);
    const int marker = ::open((path + ".held").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ::usleep(150000);
    ::_exit(marker < 0);
  }
  while (!std::filesystem::exists(path + ".held")) ::usleep(1000);
  const auto lock = world.directory->lock_at("lock", std::chrono::seconds(30));
  CHECK(lock.ok());
  ::waitpid(child, nullptr, 0);
}

TEST_CASE("platform: the file system is synced or it is said that it can't be") {
  World world;
  const Status synced = world.directory->sync_filesystem();
  if (!synced) CHECK(synced.error().code == Errc::unsupported);
}

TEST_CASE("platform: locate finds the directory and the name") {
  World world;
  world.folder.put("a/b/file", "x");
  std::filesystem::create_symlink("a", world.folder / "way");
  std::filesystem::create_symlink("file", world.folder / "a/b/link");
  const auto b = take(world.directory->open_directory_at("a"));
  const Identity inner = take(take(b->open_directory_at("b"))->attributes()).identity;
  for (const char* path : {"a/b/file", "way/b/file", "a//b/file", "a/b/../b/file", "a/b/link"}) {
    const Location found = take(world.platform.locate(world.folder / path));
    CHECK_MESSAGE(take(found.directory->attributes()).identity == inner, path);
  }
  CHECK(take(world.platform.locate(world.folder / "a/b/link")).name == "link");
  CHECK(take(world.platform.locate(world.folder / "a/b///")).name == "b");
  CHECK(take(world.platform.locate(world.folder / "a/none")).name == "none");
  CHECK(code_of(world.platform.locate(world.folder / "none/x")) == Errc::not_found);
  CHECK(code_of(world.platform.locate(world.folder / "a/b/file/x")) == Errc::not_found);
  CHECK(code_of(world.platform.locate("")) == Errc::invalid);
  CHECK(code_of(world.platform.locate(std::string("a\0b", 3))) == Errc::invalid);
}

TEST_CASE("platform: locate names a directory by what its parent calls it") {
  World world;
  world.folder.put("a/b/file", "x");
  std::filesystem::create_symlink("a/b", world.folder / "way");
  for (const char* path : {"a/.", "a/b/..", "a/b/../", "a/./", "way/.."}) {
    const Location found = take(world.platform.locate(world.folder / path));
    CHECK_MESSAGE(found.name == "a", path);
    CHECK(take(found.directory->attributes()).identity ==
          take(world.directory->attributes()).identity);
  }
  CHECK(take(world.platform.locate(world.folder / "way/.")).name == "b");
  for (const char* top : {"/", "///", "/.", "/..", "/tmp/.."}) {
    const Location found = take(world.platform.locate(top));
    CHECK_MESSAGE(found.name.empty(), top);
    CHECK(take(found.directory->attributes()).identity ==
          take(take(world.platform.open_directory("/"))->attributes()).identity);
  }
}

TEST_CASE("platform: the root of a mount is known as one") {
  World world;
  const auto proc = take(world.platform.open_directory("/proc"));
  CHECK(take(world.platform.file_system_of(*proc)).mount_root);
  CHECK(take(world.platform.file_system_of(*proc)).type == "proc");
  CHECK_FALSE(take(world.platform.file_system_of(*world.directory)).mount_root);
}

TEST_CASE("platform: what the machine says of itself") {
  LinuxPlatform platform;
  CHECK(platform.machine().kernel.substr(0, 6) == "Linux ");
  CHECK_FALSE(platform.machine().host_name.empty());
  CHECK(platform.processors() >= 1);
  CHECK(take(platform.program_path()) == std::filesystem::read_symlink("/proc/self/exe").string());
  ::setenv("QUIETUS_TEST_EMPTY", "", 1);
  CHECK_FALSE(platform.environment("QUIETUS_TEST_EMPTY").has_value());
  ::setenv("QUIETUS_TEST_EMPTY", "x", 1);
  CHECK(platform.environment("QUIETUS_TEST_EMPTY") == "x");
  ::unsetenv("QUIETUS_TEST_EMPTY");
  CHECK_FALSE(platform.environment("QUIETUS_TEST_EMPTY").has_value());
}

}  // namespace
}  // namespace quietus::test
