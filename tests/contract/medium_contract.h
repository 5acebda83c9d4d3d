// SPDX-License-Identifier: GPL-3.0-or-later
// One suite for everything that is a Medium and a Directory. A rig is default-constructible and
// offers
//   Platform& platform();  std::string folder();     an empty directory, and its path
//   void symlink(name, target);  void fifo(name);  void hard_link(existing, name);   in it
// Each point is a template over the rig; medium_contract_test.cpp runs them on every
// implementation.
#pragma once

#include <bit>
#include <doctest/doctest.h>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "quietus/directory.h"
#include "quietus/medium.h"
#include "quietus/platform.h"
#include "quietus/text.h"

namespace quietus::test::contract {

/// Memory whose start suits every direct transfer.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::size_t size, char fill = 0)
      : memory_(size + kAlignment, std::byte(static_cast<unsigned char>(fill))), size_(size) {}
  [[nodiscard]] std::span<std::byte> span() {
    const auto address = std::bit_cast<std::uintptr_t>(memory_.data());
    return std::span(memory_).subspan((kAlignment - address % kAlignment) % kAlignment, size_);
  }

 private:
  static constexpr std::size_t kAlignment = 4096;
  Bytes memory_;
  std::size_t size_;
};

template <class Rig>
std::unique_ptr<Directory> open_folder(Rig& rig) {
  auto opened = rig.platform().open_directory(rig.folder());
  REQUIRE_MESSAGE(opened.ok(), (opened.ok() ? "" : opened.error().what));
  return *std::move(opened);
}

inline std::unique_ptr<Medium> make_file(Directory& folder, const std::string& name,
                                         std::string_view content) {
  auto made = folder.create_at(name, 0600);
  REQUIRE_MESSAGE(made.ok(), (made.ok() ? "" : made.error().what));
  if (!content.empty()) {
    const auto wrote = (*made)->write_at(bytes_of(content), 0, Transfer::buffered);
    REQUIRE(wrote.ok());
    REQUIRE(*wrote == content.size());
  }
  return *std::move(made);
}

inline std::string read_text(Medium& medium, std::uint64_t offset, std::size_t length) {
  Bytes bytes(length);
  const auto moved = medium.read_at(bytes, offset, Transfer::buffered);
  REQUIRE(moved.ok());
  return text_of(std::span(bytes).first(*moved));
}

inline std::set<std::string> list(Directory& folder) {
  std::set<std::string> names;
  for (;;) {
    const auto next = folder.next_entry();
    REQUIRE(next.ok());
    if (!*next) return names;
    CHECK_MESSAGE(names.insert((**next).name).second, "listed twice: ", (**next).name);
  }
}

template <class T>
Errc code_of(const Result<T>& result) {
  REQUIRE_FALSE(result.ok());
  return result.error().code;
}

TEST_CASE_TEMPLATE_DEFINE("medium contract: transfers", Rig, medium_transfers) {
  Rig rig;
  const auto folder = open_folder(rig);
  const auto file = make_file(*folder, "file", "0123456789");

  SUBCASE("reads give what was written, at offsets, and are short at the end") {
    CHECK(read_text(*file, 0, 10) == "0123456789");
    CHECK(read_text(*file, 4, 3) == "456");
    CHECK(read_text(*file, 7, 100) == "789");
  }
  SUBCASE("a read at the end or beyond moves nothing") {
    CHECK(read_text(*file, 10, 5).empty());
    CHECK(read_text(*file, 1'000'000, 5).empty());
  }
  SUBCASE("a write changes its range only") {
    CHECK(*file->write_at(bytes_of("xy"), 3, Transfer::buffered) == 2);
    CHECK(read_text(*file, 0, 20) == "012xy56789");
  }
  SUBCASE("a write past the end extends, and what lies between is zero") {
    CHECK(*file->write_at(bytes_of("Z"), 12, Transfer::buffered) == 1);
    CHECK(read_text(*file, 0, 20) == std::string("0123456789\0\0Z", 13));
    CHECK(file->geometry()->size_bytes == 13);
  }
  SUBCASE("flush, drop_cache and resize") {
    CHECK(file->flush().ok());
    CHECK(file->drop_cache().ok());
    CHECK(file->resize(4).ok());
    CHECK(read_text(*file, 0, 20) == "0123");
    CHECK(file->resize(6).ok());
    CHECK(read_text(*file, 0, 20) == std::string("0123\0\0", 6));
    CHECK(file->attributes()->size_bytes == 6);
  }
  SUBCASE("a file that was opened for reading takes no writes") {
    const auto reader = folder->open_at("file", Access::read);
    REQUIRE(reader.ok());
    CHECK_FALSE((*reader)->write_at(bytes_of("xy"), 0, Transfer::buffered).ok());
    CHECK_FALSE((*reader)->resize(0).ok());
    CHECK(read_text(**reader, 0, 20) == "0123456789");
  }
}

TEST_CASE_TEMPLATE_DEFINE("medium contract: direct transfers", Rig, medium_direct) {
  Rig rig;
  const auto folder = open_folder(rig);
  const std::string content(10'000, 'd');
  const auto file = make_file(*folder, "file", content);
  REQUIRE(file->flush().ok());
  const auto shape = file->geometry();
  REQUIRE(shape.ok());
  const std::size_t unit = shape->direct_alignment_bytes;
  AlignedBytes buffer(65'536);
  if (unit == 0) {
    CHECK_FALSE(shape->direct_reads_reach_medium);
    CHECK(code_of(file->read_at(buffer.span(), 0, Transfer::direct)) == Errc::unsupported);
    CHECK(code_of(file->write_at(buffer.span(), 0, Transfer::direct)) == Errc::unsupported);
    return;
  }
  REQUIRE(unit <= 4096);

  SUBCASE("a misaligned offset, length or buffer is refused and changes nothing") {
    CHECK(code_of(file->read_at(buffer.span().first(unit), 1, Transfer::direct)) == Errc::invalid);
    CHECK(code_of(file->write_at(buffer.span().first(unit + 1), 0, Transfer::direct)) ==
          Errc::invalid);
    CHECK(code_of(file->write_at(buffer.span().subspan(1, unit), 0, Transfer::direct)) ==
          Errc::invalid);
    CHECK(read_text(*file, 0, 20'000) == content);
  }
  SUBCASE("a direct read past the end gives the tail") {
    const std::uint64_t start = 8192;
    const auto moved = file->read_at(buffer.span().first(8192), start, Transfer::direct);
    REQUIRE(moved.ok());
    CHECK(*moved == content.size() - start);
    CHECK(buffer.span()[0] == std::byte{'d'});
  }
  SUBCASE("direct and buffered transfers see each other") {
    AlignedBytes block(4096, 'x');
    CHECK(*file->write_at(block.span(), 4096, Transfer::direct) == 4096);
    CHECK(read_text(*file, 4095, 4098) == "d" + std::string(4096, 'x') + "d");
    CHECK(*file->write_at(bytes_of("yy"), 0, Transfer::buffered) == 2);
    REQUIRE(file->flush().ok());
    CHECK(*file->read_at(buffer.span().first(4096), 0, Transfer::direct) == 4096);
    CHECK(text_of(buffer.span().first(3)) == "yyd");
  }
}

TEST_CASE_TEMPLATE_DEFINE("medium contract: where the data lie", Rig, medium_placement) {
  Rig rig;
  const auto folder = open_folder(rig);
  const auto file = make_file(*folder, "file", std::string(8192, 'p'));
  REQUIRE(file->flush().ok());

  SUBCASE("data ranges cover what was written") {
    const auto ranges = file->data_extents();
    if (ranges.ok()) {
      REQUIRE(ranges->size() == 1);
      CHECK(ranges->front().offset == 0);
      CHECK(ranges->front().length == 8192);
    } else {
      CHECK(code_of(ranges) == Errc::unsupported);
    }
  }
  SUBCASE("a hole is left out") {
    REQUIRE(file->resize(std::uint64_t{1} << 20U).ok());
    const auto ranges = file->data_extents();
    if (ranges.ok()) CHECK(total_bytes(*ranges) < 1U << 20U);
  }
  SUBCASE("placements are in order and cover the data, or are not told") {
    const auto places = file->placements();
    if (!places.ok()) {
      CHECK(code_of(places) == Errc::unsupported);
      return;
    }
    std::uint64_t at = 0;
    for (const Placement& place : *places) {
      CHECK(place.logical.offset >= at);
      at = place.logical.end();
    }
    CHECK(at >= 8192);
  }
  SUBCASE(
      "placements stay where they are while a file is overwritten, if the file system says so") {
    const auto facts = rig.platform().file_system_of(*file);
    REQUIRE(facts.ok());
    const auto before = file->placements();
    if (!before.ok() || facts->in_place != InPlace::yes) return;
    CHECK(*file->write_at(bytes_of(std::string(8192, 'q')), 0, Transfer::buffered) == 8192);
    CHECK(*file->placements() == *before);
  }
}

TEST_CASE_TEMPLATE_DEFINE("directory contract: opening", Rig, directory_opening) {
  Rig rig;
  const auto folder = open_folder(rig);
  const auto file = make_file(*folder, "file", "content");

  SUBCASE("two handles see the same content and the same identity; opening never truncates") {
    const auto other = folder->open_at("file", Access::read_write);
    REQUIRE(other.ok());
    CHECK(read_text(**other, 0, 20) == "content");
    CHECK(*(*other)->write_at(bytes_of("C"), 0, Transfer::buffered) == 1);
    CHECK(read_text(*file, 0, 20) == "Content");
    CHECK(file->attributes()->identity == (*other)->attributes()->identity);
    CHECK(folder->inspect_at("file")->identity == file->attributes()->identity);
  }
  SUBCASE("attributes tell kind, size, links and mode") {
    const auto attributes = file->attributes();
    REQUIRE(attributes.ok());
    CHECK(attributes->kind == NodeKind::regular);
    CHECK(attributes->size_bytes == 7);
    CHECK(attributes->links == 1);
    CHECK(attributes->mode == 0600);
    CHECK(folder->attributes()->kind == NodeKind::directory);
  }
  SUBCASE("what is not there is not found") {
    CHECK(code_of(folder->open_at("nothing", Access::read)) == Errc::not_found);
    CHECK(code_of(folder->open_directory_at("nothing")) == Errc::not_found);
    CHECK(code_of(folder->inspect_at("nothing")) == Errc::not_found);
  }
  SUBCASE("a symbolic link is never followed") {
    rig.symlink("link", "file");
    rig.symlink("up", "..");
    CHECK(code_of(folder->open_at("link", Access::read_write)) == Errc::unsupported);
    CHECK(code_of(folder->open_directory_at("up")) == Errc::unsupported);
    CHECK(folder->inspect_at("link")->kind == NodeKind::symlink);
    CHECK(code_of(folder->create_at("link", 0600)) == Errc::exists);
  }
  SUBCASE("a fifo is refused, at once") {
    rig.fifo("fifo");
    CHECK(code_of(folder->open_at("fifo", Access::read)) == Errc::unsupported);
    CHECK(code_of(folder->open_at("fifo", Access::read_write)) == Errc::unsupported);
    CHECK(folder->inspect_at("fifo")->kind == NodeKind::fifo);
  }
  SUBCASE("a directory is no file and a file no directory") {
    REQUIRE(folder->make_directory_at("below", 0700).ok());
    CHECK(code_of(folder->open_at("below", Access::read)) == Errc::unsupported);
    CHECK(code_of(folder->open_at("below", Access::read_write)) == Errc::unsupported);
    CHECK_FALSE(folder->open_directory_at("file").ok());
  }
  SUBCASE("hard links are one object with two names") {
    rig.hard_link("file", "other");
    CHECK(folder->inspect_at("other")->identity == folder->inspect_at("file")->identity);
    CHECK(folder->inspect_at("other")->links == 2);
  }
  SUBCASE("the parent of a directory below is the directory") {
    REQUIRE(folder->make_directory_at("below", 0700).ok());
    const auto below = folder->open_directory_at("below");
    REQUIRE(below.ok());
    const auto up = (*below)->open_parent();
    REQUIRE(up.ok());
    CHECK((*up)->attributes()->identity == folder->attributes()->identity);
    const auto above = (*up)->open_parent();
    REQUIRE(above.ok());
    CHECK((*above)->attributes()->identity != folder->attributes()->identity);
  }
}

TEST_CASE_TEMPLATE_DEFINE("directory contract: names", Rig, directory_names) {
  Rig rig;
  const auto folder = open_folder(rig);
  const auto file = make_file(*folder, "file", "content");

  SUBCASE("names with a slash, dots and nothing are refused everywhere") {
    for (const std::string bad : {"", ".", "..", "a/b", "/file", "file/"}) {
      CAPTURE(bad);
      CHECK(code_of(folder->open_at(bad, Access::read)) == Errc::invalid);
      CHECK(code_of(folder->open_directory_at(bad)) == Errc::invalid);
      CHECK(code_of(folder->inspect_at(bad)) == Errc::invalid);
      CHECK(code_of(folder->create_at(bad, 0600)) == Errc::invalid);
      CHECK(code_of(folder->make_directory_at(bad, 0700)) == Errc::invalid);
      CHECK(code_of(folder->rename_at("file", bad)) == Errc::invalid);
      CHECK(code_of(folder->rename_at(bad, "new")) == Errc::invalid);
      CHECK(code_of(folder->replace_at("file", bad)) == Errc::invalid);
      CHECK(code_of(folder->unlink_at(bad)) == Errc::invalid);
      CHECK(code_of(folder->remove_directory_at(bad)) == Errc::invalid);
      CHECK(code_of(folder->lock_at(bad, std::chrono::milliseconds(0))) == Errc::invalid);
    }
    CHECK(list(*folder) == std::set<std::string>{"file"});
  }
  SUBCASE("creating is exclusive") {
    CHECK(code_of(folder->create_at("file", 0600)) == Errc::exists);
    CHECK(code_of(folder->make_directory_at("file", 0700)) == Errc::exists);
    CHECK(read_text(*file, 0, 20) == "content");
  }
  SUBCASE("renaming does not replace") {
    make_file(*folder, "other", "kept");
    CHECK(code_of(folder->rename_at("file", "other")) == Errc::exists);
    CHECK(code_of(folder->rename_at("nothing", "new")) == Errc::not_found);
    CHECK(folder->rename_at("file", "new").ok());
    CHECK(list(*folder) == std::set<std::string>{"new", "other"});
    CHECK(folder->inspect_at("new")->identity == file->attributes()->identity);
  }
  SUBCASE("replacing does") {
    make_file(*folder, "other", "gone");
    CHECK(folder->replace_at("file", "other").ok());
    CHECK(list(*folder) == std::set<std::string>{"other"});
    CHECK(folder->inspect_at("other")->identity == file->attributes()->identity);
    CHECK(folder->replace_at("other", "free").ok());
  }
  SUBCASE("an unlinked file lives on in its handle") {
    CHECK(folder->unlink_at("file").ok());
    CHECK(list(*folder).empty());
    CHECK(code_of(folder->unlink_at("file")) == Errc::not_found);
    CHECK(file->attributes()->links == 0);
    CHECK(read_text(*file, 0, 20) == "content");
    CHECK(*file->write_at(bytes_of("new"), 0, Transfer::buffered) == 3);
    CHECK(file->flush().ok());
    CHECK(read_text(*file, 0, 20) == "newtent");
  }
  SUBCASE("directories go when they are empty, and only as directories") {
    REQUIRE(folder->make_directory_at("below", 0700).ok());
    const auto below = folder->open_directory_at("below");
    REQUIRE(below.ok());
    make_file(**below, "deep", "x");
    CHECK_FALSE(folder->unlink_at("below").ok());
    CHECK_FALSE(folder->remove_directory_at("below").ok());
    CHECK_FALSE(folder->remove_directory_at("file").ok());
    CHECK((*below)->unlink_at("deep").ok());
    CHECK(folder->remove_directory_at("below").ok());
    CHECK(list(*folder) == std::set<std::string>{"file"});
  }
  SUBCASE("sync succeeds") {
    CHECK(folder->sync().ok());
    const auto whole = folder->sync_filesystem();
    if (!whole.ok()) CHECK(code_of(whole) == Errc::unsupported);
  }
}

TEST_CASE_TEMPLATE_DEFINE("directory contract: listing", Rig, directory_listing) {
  Rig rig;
  const auto folder = open_folder(rig);
  CHECK(list(*folder).empty());
  std::set<std::string> names;
  for (int i = 0; i < 200; ++i) {
    names.insert("entry-" + std::to_string(i));
    make_file(*folder, "entry-" + std::to_string(i), "");
  }
  names.insert("below");
  REQUIRE(folder->make_directory_at("below", 0700).ok());
  rig.symlink("link", "nowhere");
  names.insert("link");
  CHECK(list(*folder) == names);
  CHECK_MESSAGE(list(*folder) == names, "the second time");
  for (auto next = folder->next_entry(); next && *next; next = folder->next_entry()) {
    const Entry& entry = **next;
    const auto kind = folder->inspect_at(entry.name)->kind;
    CHECK((entry.kind == kind || entry.kind == NodeKind::other));
  }
}

TEST_CASE_TEMPLATE_DEFINE("directory contract: locks", Rig, directory_locks) {
  Rig rig;
  const auto folder = open_folder(rig);
  const auto other = open_folder(rig);
  auto lock = folder->lock_at("lock", std::chrono::milliseconds(0));
  REQUIRE(lock.ok());
  CHECK(list(*folder) == std::set<std::string>{"lock"});
  CHECK(code_of(other->lock_at("lock", std::chrono::milliseconds(30))) == Errc::busy);
  CHECK(other->lock_at("another", std::chrono::milliseconds(0)).ok());
  *lock = nullptr;
  CHECK(other->lock_at("lock", std::chrono::milliseconds(0)).ok());
}

TEST_CASE_TEMPLATE_DEFINE("platform contract: paths", Rig, platform_paths) {
  Rig rig;
  const auto folder = open_folder(rig);
  make_file(*folder, "file", "content");
  rig.symlink("link", "file");
  REQUIRE(folder->make_directory_at("below", 0700).ok());
  rig.symlink("way", "below");
  const auto here = folder->attributes()->identity;

  SUBCASE("a path leads to its directory and its last name, which is not followed") {
    for (const std::string name : {"file", "link", "below", "nothing"}) {
      CAPTURE(name);
      const auto found = rig.platform().locate(rig.folder() + "/" + name);
      REQUIRE(found.ok());
      CHECK(found->name == name);
      CHECK(found->directory->attributes()->identity == here);
    }
  }
  SUBCASE("links on the way are followed") {
    const auto found = rig.platform().locate(rig.folder() + "/way/deep");
    REQUIRE(found.ok());
    CHECK(found->name == "deep");
    CHECK(found->directory->attributes()->identity == folder->inspect_at("below")->identity);
  }
  SUBCASE("dots are named by what they are") {
    const auto self = rig.platform().locate(rig.folder() + "/below/.");
    REQUIRE(self.ok());
    CHECK(self->name == "below");
    CHECK(self->directory->attributes()->identity == here);
    const auto up = rig.platform().locate(rig.folder() + "/below/..");
    REQUIRE(up.ok());
    CHECK(up->directory->inspect_at(up->name)->identity == here);
  }
  SUBCASE("what leads nowhere is an error") {
    CHECK(code_of(rig.platform().locate("")) == Errc::invalid);
    CHECK(code_of(rig.platform().locate(rig.folder() + "/nothing/file")) == Errc::not_found);
    CHECK_FALSE(rig.platform().locate(rig.folder() + "/file/deep").ok());
    CHECK(code_of(rig.platform().open_directory(rig.folder() + "/nothing")) == Errc::not_found);
    CHECK_FALSE(rig.platform().open_directory(rig.folder() + "/file").ok());
  }
  SUBCASE("the file system of a file is that of its directory") {
    const auto file = folder->open_at("file", Access::read);
    REQUIRE(file.ok());
    const auto of_file = rig.platform().file_system_of(**file);
    const auto of_folder = rig.platform().file_system_of(*folder);
    REQUIRE(of_file.ok());
    REQUIRE(of_folder.ok());
    CHECK_FALSE(of_file->type.empty());
    CHECK(of_file->type == of_folder->type);
    CHECK(of_file->mount_point == of_folder->mount_point);
    CHECK_FALSE(of_file->mount_root);
    const auto top = rig.platform().open_directory("/");
    REQUIRE(top.ok());
    CHECK(rig.platform().file_system_of(**top)->mount_root);
  }
  SUBCASE("facts of the machine") {
    CHECK(rig.platform().processors() >= 1);
    CHECK_FALSE(rig.platform().machine().host_name.empty());
    CHECK_FALSE(rig.platform().environment("QUIETUS_TEST_NO_SUCH_VARIABLE").has_value());
    CHECK_FALSE(rig.platform().is_active_swap(here));
  }
}

}  // namespace quietus::test::contract
