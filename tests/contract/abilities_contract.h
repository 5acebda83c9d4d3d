// SPDX-License-Identifier: GPL-3.0-or-later
// The suite for what not every file system offers. A point that meets Errc::unsupported at its
// start has nothing more to check. Rigs as in medium_contract.h.
#pragma once

#include "contract/medium_contract.h"

namespace quietus::test::contract {

/// Whether it is offered; what is not offered says so and nothing else.
template <class T>
bool offered(const Result<T>& result) {
  if (result.ok()) return true;
  REQUIRE_MESSAGE(result.error().code == Errc::unsupported, result.error().what);
  return false;
}

TEST_CASE_TEMPLATE_DEFINE("abilities contract: attributes", Rig, abilities_attributes) {
  Rig rig;
  const auto folder = open_folder(rig);
  const auto file = make_file(*folder, "file", "content");
  REQUIRE(folder->make_directory_at("below", 0700).ok());
  using List = std::vector<ExtendedAttribute>;
  if (!offered(folder->add_attribute_at("file", "user.note", bytes_of("value")))) return;

  SUBCASE("they are listed with their sizes") {
    REQUIRE(folder->add_attribute_at("file", "user.empty", {}).ok());
    CHECK(*file->extended_attributes() == List{{"user.empty", 0}, {"user.note", 5}});
  }
  SUBCASE("adding never replaces") {
    CHECK(code_of(folder->add_attribute_at("file", "user.note", bytes_of("x"))) == Errc::exists);
    CHECK(*file->extended_attributes() == List{{"user.note", 5}});
  }
  SUBCASE("replacing never adds") {
    CHECK(file->replace_attribute("user.note", bytes_of("longer value")).ok());
    CHECK(*file->extended_attributes() == List{{"user.note", 12}});
    CHECK(code_of(file->replace_attribute("user.more", bytes_of("x"))) == Errc::not_found);
    CHECK(*file->extended_attributes() == List{{"user.note", 12}});
  }
  SUBCASE("removing") {
    CHECK(file->remove_attribute("user.note").ok());
    CHECK(file->extended_attributes()->empty());
    CHECK(code_of(file->remove_attribute("user.note")) == Errc::not_found);
  }
  SUBCASE("of a directory") {
    REQUIRE(folder->add_attribute_at("below", "user.note", bytes_of("dir")).ok());
    const auto below = folder->open_directory_at("below");
    REQUIRE(below.ok());
    CHECK(*(*below)->extended_attributes() == List{{"user.note", 3}});
    CHECK((*below)->replace_attribute("user.note", bytes_of("rid")).ok());
    CHECK(code_of((*below)->replace_attribute("user.more", bytes_of("x"))) == Errc::not_found);
    CHECK((*below)->remove_attribute("user.note").ok());
    CHECK((*below)->extended_attributes()->empty());
    CHECK(code_of((*below)->remove_attribute("user.note")) == Errc::not_found);
  }
  SUBCASE("a file that was opened for reading is enough") {
    const auto reader = folder->open_at("file", Access::read);
    REQUIRE(reader.ok());
    CHECK((*reader)->replace_attribute("user.note", bytes_of("eulav")).ok());
    CHECK((*reader)->remove_attribute("user.note").ok());
  }
}

TEST_CASE_TEMPLATE_DEFINE("abilities contract: names for fillers", Rig, abilities_names) {
  Rig rig;
  const auto folder = open_folder(rig);
  const auto file = make_file(*folder, "file", "content");
  REQUIRE(folder->make_directory_at("below", 0700).ok());
  const auto below = folder->open_directory_at("below");
  REQUIRE(below.ok());

  SUBCASE("an empty file, without replacing one") {
    if (!offered(folder->make_file_at("new", 0600))) return;
    CHECK(folder->inspect_at("new")->kind == NodeKind::regular);
    CHECK(folder->inspect_at("new")->size_bytes == 0);
    CHECK(code_of(folder->make_file_at("file", 0600)) == Errc::exists);
    CHECK(code_of(folder->make_file_at(std::string(300, 'n'), 0600)) == Errc::invalid);
    CHECK(read_text(*file, 0, 20) == "content");
  }
  SUBCASE("a link to anywhere") {
    if (!offered(folder->make_symlink_at("link", "../no/where"))) return;
    CHECK(folder->inspect_at("link")->kind == NodeKind::symlink);
    CHECK(folder->inspect_at("link")->size_bytes == 11);
    CHECK(code_of(folder->make_symlink_at("link", "x")) == Errc::exists);
    CHECK(code_of(folder->make_symlink_at("long", std::string(5000, 't'))) == Errc::invalid);
    CHECK(folder->make_symlink_at("longest", std::string(4000, 't')).ok());
  }
  SUBCASE("another name for a file, here or below") {
    if (!offered(folder->link_at("file", **below, "other"))) return;
    CHECK((*below)->inspect_at("other")->identity == file->attributes()->identity);
    CHECK(file->attributes()->links == 2);
    CHECK(code_of(folder->link_at("file", **below, "other")) == Errc::exists);
    CHECK(code_of(folder->link_at("nothing", **below, "new")) == Errc::not_found);
    CHECK(code_of(folder->link_at("below", *folder, "loop")) == Errc::permission);
    CHECK(folder->link_at("file", *folder, "third").ok());
    CHECK(file->attributes()->links == 3);
  }
  SUBCASE("permissions of an entry") {
    if (!offered(folder->set_mode_at("file", 0))) return;
    CHECK(folder->inspect_at("file")->mode == 0);
    CHECK(folder->set_mode_at("file", 0640).ok());
    CHECK(folder->inspect_at("file")->mode == 0640);
    rig.symlink("link", "file");
    CHECK(code_of(folder->set_mode_at("link", 0777)) == Errc::unsupported);
    CHECK(folder->inspect_at("file")->mode == 0640);
  }
  SUBCASE("the owner's right to write") {
    REQUIRE(folder->set_mode_at("file", 0444).ok());
    if (!offered(folder->allow_changes_at("file"))) return;
    CHECK(folder->inspect_at("file")->mode == 0644);
    rig.symlink("link", "file");
    rig.fifo("fifo");
    CHECK(code_of(folder->allow_changes_at("link")) == Errc::unsupported);
    CHECK(code_of(folder->allow_changes_at("fifo")) == Errc::unsupported);
    CHECK(code_of(folder->allow_changes_at("nothing")) == Errc::not_found);
  }
  SUBCASE("names are single components") {
    for (const std::string bad : {"", ".", "..", "a/b", "/file", "file/"}) {
      CAPTURE(bad);
      CHECK(code_of(folder->make_file_at(bad, 0600)) == Errc::invalid);
      CHECK(code_of(folder->make_symlink_at(bad, "x")) == Errc::invalid);
      CHECK(code_of(folder->link_at(bad, *folder, "x")) == Errc::invalid);
      CHECK(code_of(folder->link_at("file", *folder, bad)) == Errc::invalid);
      CHECK(code_of(folder->set_mode_at(bad, 0600)) == Errc::invalid);
      CHECK(code_of(folder->allow_changes_at(bad)) == Errc::invalid);
      CHECK(code_of(folder->add_attribute_at(bad, "user.x", {})) == Errc::invalid);
    }
    CHECK(list(*folder) == std::set<std::string>{"below", "file"});
  }
}

TEST_CASE_TEMPLATE_DEFINE("abilities contract: space", Rig, abilities_space) {
  Rig rig;
  const auto folder = open_folder(rig);
  const auto file = make_file(*folder, "file", "content");

  SUBCASE("facts are consistent") {
    const auto space = folder->space();
    if (!offered(space)) return;
    CHECK(space->block_bytes >= 512);
    CHECK(space->free_bytes <= space->total_bytes);
    CHECK(space->available_bytes <= space->free_bytes);
    CHECK(space->free_nodes <= space->nodes);
    const std::uint32_t block = file->geometry()->file_system_block_bytes;
    if (block != 0) CHECK(block == space->block_bytes);
  }
  SUBCASE("allocated space reads as zeros and makes the file longer; content stays") {
    if (!offered(file->allocate({4, 20'000}))) return;
    CHECK(file->geometry()->size_bytes == 20'004);
    CHECK(read_text(*file, 0, 30'000) == "content" + std::string(19'997, '\0'));
    CHECK(code_of(file->allocate({0, 0})) == Errc::invalid);
    const auto reader = folder->open_at("file", Access::read);
    REQUIRE(reader.ok());
    CHECK_FALSE((*reader)->allocate({0, 100'000}).ok());
    CHECK(file->geometry()->size_bytes == 20'004);
  }
  SUBCASE("rewriting the last byte changes nothing that is read") {
    if (!offered(file->rewrite_last_byte())) return;
    CHECK(read_text(*file, 0, 20) == "content");
    CHECK(file->flush().ok());
    const auto reader = folder->open_at("file", Access::read);
    REQUIRE(reader.ok());
    CHECK(code_of((*reader)->rewrite_last_byte()) == Errc::read_only);
    CHECK(code_of(file->rewrite_last_byte()) == Errc::busy);
  }
  SUBCASE("what is not offered says so") {
    if (const auto free = folder->free_extents(); !free) {
      CHECK((free.error().code == Errc::unsupported || free.error().code == Errc::permission));
    }
    if (const auto journal = folder->journal(); journal) CHECK(journal->size_bytes > 0);
    static_cast<void>(offered(rig.platform().snapshots_of(*folder)));
  }
}

}  // namespace quietus::test::contract
