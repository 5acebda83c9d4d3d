// SPDX-License-Identifier: GPL-3.0-or-later
// Files that decide what is trusted: refused wherever somebody else could have written or exchanged
// them, with what is wrong and how to mend it.
#include "cli/guarded_file.h"

#include <doctest/doctest.h>
#include <string>

#include "support/fault_platform.h"
#include "support/memory_platform.h"

namespace quietus::test {
namespace {

using cli::Guarded;
using cli::read_guarded_text;

constexpr const char* kPath = "/etc/quietus/trust";
constexpr std::uint32_t kUser = 1000;

struct GuardWorld {
  MemoryPlatform platform;

  GuardWorld() {
    platform.account_facts.uid = kUser;
    platform.add_file(kPath, "text", 0644);
  }
  Attributes& at(const std::string& path) const { return platform.node(path)->attributes; }
  /// Empty: it is read.
  std::string wrong(const std::string& path = kPath, Guarded kind = Guarded::settings) {
    const auto text = read_guarded_text(platform, path, kind, 100);
    if (text) {
      CHECK(*text == "text");
      return {};
    }
    CHECK(text.error().code == Errc::permission);
    CHECK(text.error().what.find(path) != std::string::npos);
    CHECK_FALSE(text.error().hint.empty());
    return text.error().what + " | " + text.error().hint;
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("guarded: a file of root or of the caller in such folders is read") {
  GuardWorld world;
  CHECK(world.wrong().empty());
  world.at(kPath).owner = kUser;
  world.at("/etc/quietus").owner = kUser;
  CHECK(world.wrong().empty());
  world.platform.working_directory = "/etc";
  CHECK(world.wrong("quietus/trust").empty());
  CHECK(world.wrong("/etc/../etc/./quietus/trust").empty());
}

TEST_CASE("guarded: owner, kind and number of names") {
  GuardWorld world;
  world.at(kPath).owner = 1001;
  CHECK(contains(world.wrong(), "it belongs to user 1001, not to root or to user 1000"));
  CHECK(contains(world.wrong(), "chown 1000 /etc/quietus/trust"));
  world.at(kPath).owner = 0;
  world.platform.add_hard_link(kPath, "/etc/other");
  CHECK(contains(world.wrong(), "it has 2 names"));
  world.platform.add_symlink("/etc/link", "quietus/trust");
  CHECK(contains(world.wrong("/etc/link"), "it is a symbolic link, not a regular file"));
  world.platform.add_node("/etc/pipe", NodeKind::fifo);
  CHECK(contains(world.wrong("/etc/pipe"), "not a regular file"));
  CHECK(contains(world.wrong("/etc/quietus"), "it is a directory"));
  CHECK(read_guarded_text(world.platform, "/etc/none", Guarded::settings, 9).error().code ==
        Errc::not_found);
}

TEST_CASE("guarded: rights of others, by what the file is") {
  GuardWorld world;
  for (const std::uint32_t mode : {0664U, 0646U, 0666U, 0777U}) {
    CAPTURE(mode);
    world.at(kPath).mode = mode;
    CHECK(contains(world.wrong(), "others can write to it"));
    CHECK(contains(world.wrong(), "chmod go-w /etc/quietus/trust"));
  }
  world.at(kPath).owner = kUser;
  for (const std::uint32_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0601U, 0644U}) {
    CAPTURE(mode);
    world.at(kPath).mode = mode;
    CHECK(contains(world.wrong(kPath, Guarded::secret), "others have access to it"));
    CHECK(contains(world.wrong(kPath, Guarded::secret), "chmod 600 /etc/quietus/trust"));
    CHECK(world.wrong(kPath, Guarded::credential).empty() == (mode == 0640U));
  }
  for (const std::uint32_t mode : {0400U, 0600U, 0700U}) {
    world.at(kPath).mode = mode;
    CHECK(world.wrong(kPath, Guarded::secret).empty());
    CHECK(world.wrong(kPath, Guarded::credential).empty());
  }
}

TEST_CASE("guarded: whoever could exchange the file by its folders") {
  GuardWorld world;
  for (const std::uint32_t mode : {0775U, 0757U, 0777U}) {
    CAPTURE(mode);
    world.at("/etc/quietus").mode = mode;
    CHECK(contains(world.wrong(), "others can write to this folder | chmod go-w /etc/quietus"));
    world.at("/etc/quietus").mode = mode | 01000U;
    CHECK(world.wrong().empty());
  }
  world.at("/etc").mode = 0777;
  CHECK(contains(world.wrong(), "chmod go-w /etc"));
  world.platform.working_directory = "/etc/quietus";
  CHECK(contains(world.wrong("trust"), "chmod go-w ./.."));
  world.at("/etc").mode = 0755;
  world.at("/etc").owner = 1001;
  CHECK(contains(world.wrong(), "/etc: it belongs to user 1001"));
  world.at("/etc").owner = kUser;
  CHECK(world.wrong().empty());
  world.at("/").mode = 0777;
  CHECK(contains(world.wrong(), "chmod go-w /"));
}

TEST_CASE("guarded: links on the way lie in folders that count too") {
  GuardWorld world;
  world.platform.add_symlink("/home/x/link", "/etc/quietus");
  const std::string path = "/home/x/link/trust";
  CHECK(world.wrong(path).empty());
  world.at("/home/x").owner = 1001;
  CHECK(contains(world.wrong(path), "/home/x: it belongs to user 1001"));
  world.at("/home/x").owner = 0;
  world.at("/home/x/link").owner = 1001;
  CHECK(contains(world.wrong(path), "the link /home/x/link belongs to somebody else"));
}

TEST_CASE("guarded: too long, and whatever operation fails") {
  GuardWorld world;
  CHECK(read_guarded_text(world.platform, kPath, Guarded::settings, 4).value() == "text");
  CHECK(read_guarded_text(world.platform, kPath, Guarded::settings, 3).error().code ==
        Errc::invalid);
  for (std::uint64_t n = 1;; ++n) {
    REQUIRE(n < 100);
    FaultPlatform faulty(world.platform);
    faulty.faults().fail_at = n;
    const auto text = read_guarded_text(faulty, kPath, Guarded::settings, 100);
    if (faulty.faults().struck().empty()) break;
    CHECK_FALSE(text.ok());
  }
}

}  // namespace
}  // namespace quietus::test
