// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxMedium on a real disk: direct I/O, extents, holes, leases, flush.
#include <cstdlib>
#include <sys/mman.h>

#include "platform_world.h"

namespace quietus::test {
namespace {

struct Release {
  void operator()(std::byte* memory) const { std::free(memory); }
};

/// Page-aligned memory.
class Page final {
 public:
  explicit Page(std::size_t bytes, char fill = 0)
      : memory_(static_cast<std::byte*>(std::aligned_alloc(4096, bytes))), bytes_(bytes) {
    std::fill_n(memory_.get(), bytes, std::byte(static_cast<unsigned char>(fill)));
  }
  [[nodiscard]] std::span<std::byte> span() const { return {memory_.get(), bytes_}; }

 private:
  std::unique_ptr<std::byte, Release> memory_;
  std::size_t bytes_;
};

struct World {
  DiskFolder folder = DiskFolder();
  LinuxPlatform platform = LinuxPlatform();
  std::unique_ptr<Directory> directory = open_folder(platform, folder);

  std::unique_ptr<Medium> open(const std::string& name, Access access = Access::read_write) {
    return take(directory->open_at(name, access));
  }
  /// Whether the disk offers direct I/O that is known to reach it; says so if not.
  bool has_direct(Medium& medium) {
    const bool has = take(medium.geometry()).direct_reads_reach_medium;
    if (!has) MESSAGE("skipped: this disk does not tell of direct I/O");
    return has;
  }
};

TEST_CASE("platform: what direct I/O writes, buffered reads see, and the reverse") {
  World world;
  world.folder.put("file", std::string(8192, 'a'));
  const auto medium = world.open("file");
  if (!world.has_direct(*medium)) return;
  const Page page(4096, 'b');
  CHECK(take(medium->write_at(page.span(), 4096, Transfer::direct)) == 4096);
  succeed(medium->flush());
  CHECK(world.folder.get("file") == std::string(4096, 'a') + std::string(4096, 'b'));
  CHECK(take(medium->write_at(bytes_of("xyz"), 4095, Transfer::buffered)) == 3);
  succeed(medium->flush());
  succeed(medium->drop_cache());
  const Page back(8192);
  CHECK(take(medium->read_at(back.span(), 0, Transfer::direct)) == 8192);
  CHECK(text_of(back.span().subspan(4094, 5)) == "axyzb");
}

TEST_CASE("platform: misaligned direct transfers are refused by our own check") {
  World world;
  world.folder.put("file", std::string(16384, 'a'));
  const auto medium = world.open("file");
  const Geometry geometry = take(medium->geometry());
  CHECK(geometry.size_bytes == 16384);
  if (geometry.direct_alignment_bytes == 0) {
    const Page page(4096);
    CHECK(code_of(medium->read_at(page.span(), 0, Transfer::direct)) == Errc::unsupported);
    return;
  }
  const Page page(8192);
  const auto whole = page.span().first(4096);
  CHECK(code_of(medium->read_at(whole, 1, Transfer::direct)) == Errc::invalid);
  CHECK(code_of(medium->read_at(whole.first(4095), 0, Transfer::direct)) == Errc::invalid);
  CHECK(code_of(medium->write_at(page.span().subspan(1, 4096), 0, Transfer::direct)) ==
        Errc::invalid);
  CHECK(world.folder.get("file") == std::string(16384, 'a'));
}

TEST_CASE("platform: a direct read may ask past the end, and tells where it is") {
  World world;
  world.folder.put("file", std::string(5000, 'a'));
  const auto medium = world.open("file");
  if (!world.has_direct(*medium)) return;
  const Page page(8192);
  CHECK(take(medium->read_at(page.span(), 0, Transfer::direct)) == 5000);
  CHECK(take(medium->read_at(page.span(), 8192, Transfer::direct)) == 0);
}

TEST_CASE("platform: direct I/O works on a file that has no name any more") {
  World world;
  const auto medium = take(world.directory->create_at("filler", 0600));
  succeed(world.directory->unlink_at("filler"));
  if (!world.has_direct(*medium)) return;
  const Page page(4096, 'q');
  CHECK(take(medium->write_at(page.span(), 0, Transfer::direct)) == 4096);
  succeed(medium->flush());
  CHECK(take(medium->attributes()).links == 0);
}

TEST_CASE("platform: a file opened for reading takes no writes") {
  World world;
  world.folder.put("file", std::string(4096, 'a'));
  const auto medium = world.open("file", Access::read);
  CHECK(code_of(medium->write_at(bytes_of("x"), 0, Transfer::buffered)) == Errc::read_only);
  if (take(medium->geometry()).direct_alignment_bytes > 0) {
    const Page page(4096);
    CHECK(code_of(medium->write_at(page.span(), 0, Transfer::direct)) == Errc::read_only);
  }
  succeed(medium->flush());
  CHECK(world.folder.get("file") == std::string(4096, 'a'));
}

TEST_CASE("platform: offsets past the largest file") {
  World world;
  world.folder.put("file", "a");
  const auto medium = world.open("file");
  CHECK(code_of(medium->write_at(bytes_of("x"), ~0ULL, Transfer::buffered)) == Errc::invalid);
  CHECK(code_of(medium->resize(~0ULL)) == Errc::invalid);
}

TEST_CASE("platform: holes are no data, written and allocated space is") {
  World world;
  const auto medium = take(world.directory->create_at("holes", 0600));
  succeed(medium->resize(1 << 20));
  const std::string block(65536, 'd');
  CHECK(take(medium->write_at(bytes_of(block), 131072, Transfer::buffered)) == 65536);
  CHECK(take(medium->write_at(bytes_of(block), 196608, Transfer::buffered)) == 65536);
  const auto extents = medium->data_extents();
  if (!extents && extents.error().code == Errc::unsupported) {
    MESSAGE("skipped: this disk does not tell of holes");
    return;
  }
  CHECK(take(extents) == std::vector<Extent>{{131072, 131072}});
  if (!medium->placements())
    return;  // without FIEMAP, allocated space that reads as zeros is a hole
  const int fd = ::open((world.folder / "holes").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(::posix_fallocate(fd, 524288, 65536) == 0);
  ::close(fd);
  CHECK(take(medium->data_extents()) == std::vector<Extent>{{131072, 131072}, {524288, 65536}});
}

TEST_CASE("platform: data end at the file's size") {
  World world;
  world.folder.put("file", std::string(5000, 'a'));
  const auto medium = world.open("file");
  const auto extents = medium->data_extents();
  if (!extents) return;
  CHECK(*extents == std::vector<Extent>{{0, 5000}});
  world.folder.put("empty", "");
  CHECK(take(world.open("empty")->data_extents()).empty());
}

TEST_CASE("platform: placements stay where they are when a file is overwritten") {
  World world;
  world.folder.put("file", std::string(262144, 'a'));
  const auto medium = world.open("file");
  const auto before = medium->placements();
  if (!before) {
    CHECK(before.error().code == Errc::unsupported);
    MESSAGE("skipped: this disk does not tell of extents");
    return;
  }
  REQUIRE_FALSE(before->empty());
  for (const Placement& placement : *before) {
    CHECK(placement.placed);
    CHECK_FALSE(placement.unwritten);
  }
  if (take(world.platform.file_system_of(*medium)).in_place != InPlace::yes) return;
  const std::string fresh(262144, 'b');
  CHECK(take(medium->write_at(bytes_of(fresh), 0, Transfer::buffered)) == fresh.size());
  CHECK(take(medium->placements()) == *before);
}

TEST_CASE("platform: more extents than one answer holds") {
  World world;
  const auto medium = take(world.directory->create_at("comb", 0600));
  constexpr std::uint64_t kTeeth = 300;
  const std::string tooth(4096, 't');
  for (std::uint64_t at = 0; at < kTeeth; ++at) {
    REQUIRE(take(medium->write_at(bytes_of(tooth), at * 131072, Transfer::buffered)) == 4096);
  }
  const auto placements = medium->placements();
  if (!placements) return;
  CHECK(placements->size() >= kTeeth);
  for (std::size_t at = 1; at < placements->size(); ++at) {
    CHECK((*placements)[at].logical.offset >= (*placements)[at - 1].logical.end());
  }
}

TEST_CASE("platform: whether somebody else has the file open") {
  World world;
  world.folder.put("file", std::string(8192, 'a'));
  const auto medium = world.open("file");
  const auto alone = medium->open_elsewhere();
  if (!alone && alone.error().code == Errc::unsupported) {
    MESSAGE("skipped: this disk does not offer leases");
    return;
  }
  CHECK_FALSE(take(alone));
  const std::string path = world.folder / "file";
  for (const int flags : {O_RDONLY, O_RDWR}) {
    const Holder holder([&] { return ::open(path.c_str(), flags) >= 0; });
    CHECK(take(medium->open_elsewhere()));
  }
  CHECK_FALSE(take(medium->open_elsewhere()));
  {
    const Holder mapper([&] {
      const int fd = ::open(path.c_str(), O_RDONLY);
      const bool mapped = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED;
      ::close(fd);
      return mapped;
    });
    CHECK(take(medium->open_elsewhere()));
  }
}

TEST_CASE("platform: our own direct descriptor is not somebody else") {
  World world;
  world.folder.put("file", std::string(8192, 'a'));
  const auto medium = world.open("file");
  const Geometry before = take(medium->geometry());
  const auto alone = medium->open_elsewhere();
  if (!alone) return;
  CHECK_FALSE(*alone);
  CHECK(take(medium->geometry()).direct_alignment_bytes == before.direct_alignment_bytes);
  if (before.direct_alignment_bytes == 0) return;
  const Page page(4096, 'b');
  CHECK(take(medium->write_at(page.span(), 0, Transfer::direct)) == 4096);
  CHECK_FALSE(take(medium->open_elsewhere()));
  succeed(medium->flush());
}

TEST_CASE("platform: attributes of an open file") {
  World world;
  world.folder.put("file", "abc");
  ::chmod((world.folder / "file").c_str(), 0640);
  ::link((world.folder / "file").c_str(), (world.folder / "other").c_str());
  const auto medium = world.open("file");
  const Attributes found = take(medium->attributes());
  CHECK(found.kind == NodeKind::regular);
  CHECK(found.size_bytes == 3);
  CHECK(found.links == 2);
  CHECK(found.mode == 0640);
  CHECK(found.owner == ::geteuid());
  CHECK_FALSE(found.immutable);
  CHECK(found.identity == take(world.directory->inspect_at("other")).identity);
  struct stat status {};
  REQUIRE(::stat((world.folder / "file").c_str(), &status) == 0);
  CHECK(found.identity.device == status.st_dev);
  CHECK(found.identity.inode == status.st_ino);
}

TEST_CASE("platform: resize") {
  World world;
  world.folder.put("file", "abcdef");
  const auto medium = world.open("file");
  succeed(medium->resize(2));
  succeed(medium->flush());
  CHECK(world.folder.get("file") == "ab");
}

}  // namespace
}  // namespace quietus::test
