// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxDevice and LinuxPlatform's devices on real loop devices over files of the test's own.
#include <algorithm>
#include <cstdlib>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <thread>

#include "device_machine.h"
#include "linux/disk_locks.h"
#include "support/loop_device.h"

namespace quietus::test {
namespace {

constexpr std::uint64_t kMiB = 1U << 20;

struct Release {
  void operator()(std::byte* memory) const { std::free(memory); }
};

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

/// A mount that goes with the object.
class Mounted final {
 public:
  explicit Mounted(const LoopDevice& loop) : point_(loop.folder() + "/mount point") {
    std::filesystem::create_directory(point_);
    REQUIRE(runs("mkfs.ext4 -q -F " + loop.node()));
    REQUIRE(runs("mount " + loop.node() + " '" + point_ + "'"));
  }
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;
  ~Mounted() { runs("umount '" + point_ + "'"); }
  [[nodiscard]] const std::string& point() const { return point_; }

 private:
  std::string point_;
};

/// The start of a disk with a DOS partition table of one partition.
std::string dos_table() {
  std::string sector(512, '\0');
  sector[446 + 4] = '\x83';
  sector[446 + 9] = '\x08';   // first sector 2048
  sector[446 + 13] = '\x10';  // 4096 sectors
  sector[510] = '\x55';
  sector[511] = '\xaa';
  return sector;
}

std::string first_line(const std::string& path) {
  std::string line;
  std::getline(std::ifstream(path), line);
  return line;
}

std::unique_ptr<Medium> open_for_writing(LinuxPlatform& platform, const std::string& node) {
  return take(platform.open_device(node, Access::read_write));
}

std::vector<std::string> found_in(const std::vector<ContentSignature>& signatures) {
  std::vector<std::string> found;
  for (const ContentSignature& one : signatures) {
    found.push_back(one.usage + " " + one.type + " " + std::to_string(one.offset));
  }
  return found;
}

using Found = std::vector<std::string>;

TEST_CASE("device: facts of a loop device, by node and by link") {
  if (!has_loop_devices()) return;
  const LoopDevice loop("--sector-size 4096");
  LinuxPlatform platform;
  std::filesystem::create_symlink(loop.node(), loop.folder() + "/link");
  const DeviceFacts facts = take(platform.inspect_device(loop.folder() + "/link"));
  CHECK(facts.path == loop.node());
  CHECK(facts.name == loop.name());
  CHECK(facts.kind == DeviceKind::loop);
  CHECK(facts.storage == Storage::virtual_);
  CHECK(facts.hidden_area == HiddenArea::none);
  CHECK(facts.bus == "loop");
  CHECK(facts.size_bytes == LoopDevice::kBytes);
  CHECK(facts.place == Extent{0, LoopDevice::kBytes});
  CHECK(facts.logical_block_bytes == 4096);
  CHECK(facts.backing_file == loop.file());
  CHECK(facts.backing_is_buffered);
  CHECK(facts.content == std::vector<ContentSignature>());
  CHECK(facts.uses.empty());
  CHECK(facts.system_roles.empty());
  const auto all = take(platform.devices());
  CHECK(std::any_of(all.begin(), all.end(), [&](const DeviceFacts& device) {
    return device.path == facts.path && device.content == facts.content;
  }));
}

TEST_CASE("device: what is no block device is neither inspected nor opened") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  for (const std::string& path : {loop.file(), std::string("/dev/null")}) {
    CHECK(code_of(platform.inspect_device(path)) == Errc::unsupported);
    CHECK(code_of(platform.open_device(path, Access::read)) == Errc::unsupported);
    CHECK(code_of(platform.open_device(path, Access::read_write)) == Errc::unsupported);
  }
  const std::string missing = loop.folder() + "/missing";
  CHECK(code_of(platform.open_device(missing, Access::read_write)) == Errc::not_found);
}

TEST_CASE("device: another node of the same device leads to the same device") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  const std::string other = loop.folder() + "/other";
  const DeviceFacts facts = take(platform.inspect_device(loop.node()));
  REQUIRE(::mknod(other.c_str(), S_IFBLK | 0600, facts.number) == 0);
  CHECK(take(platform.inspect_device(other)).path == loop.node());
  const auto medium = open_for_writing(platform, other);
  CHECK(code_of(platform.open_device(loop.node(), Access::read_write)) == Errc::busy);
}

TEST_CASE("device: sizes and alignment for sectors of 512 and 4096 bytes") {
  if (!has_loop_devices()) return;
  for (const std::uint32_t sector : {512U, 4096U}) {
    CAPTURE(sector);
    const LoopDevice loop("--sector-size " + std::to_string(sector));
    LinuxPlatform platform;
    const auto medium = open_for_writing(platform, loop.node());
    const Geometry geometry = take(medium->geometry());
    CHECK(geometry.size_bytes == LoopDevice::kBytes);
    CHECK(geometry.logical_block_bytes == sector);
    CHECK(geometry.direct_alignment_bytes == sector);
    CHECK(geometry.direct_reads_reach_medium);
    const Page page(8192, 'p');
    CHECK(code_of(medium->write_at(page.span().first(sector), sector / 2, Transfer::direct)) ==
          Errc::invalid);
    CHECK(take(medium->write_at(page.span().first(sector), sector, Transfer::direct)) == sector);
    succeed(medium->flush());
    CHECK(loop.get(sector * 3, 0) ==
          std::string(sector, '\0') + std::string(sector, 'p') + std::string(sector, '\0'));
  }
}

TEST_CASE("device: nothing is written past the end") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  const auto medium = open_for_writing(platform, loop.node());
  const Page page(8192, 'p');
  for (const Transfer how : {Transfer::direct, Transfer::buffered}) {
    const std::uint64_t last = LoopDevice::kBytes - 4096;
    CHECK(take(medium->read_at(page.span(), LoopDevice::kBytes, how)) == 0);
    CHECK(take(medium->read_at(page.span(), last, how)) == 4096);
    CHECK(take(medium->write_at(page.span(), last, how)) == 4096);
    CHECK(code_of(medium->write_at(page.span(), LoopDevice::kBytes, how)) == Errc::no_space);
  }
  succeed(medium->flush());
  CHECK(code_of(medium->resize(4096)) == Errc::unsupported);
  CHECK(std::filesystem::file_size(loop.file()) == LoopDevice::kBytes);
}

TEST_CASE("device: what a block device does not have") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  const auto medium = take(platform.open_device(loop.node(), Access::read));
  CHECK(code_of(medium->placements()) == Errc::unsupported);
  CHECK(code_of(medium->data_extents()) == Errc::unsupported);
  CHECK(code_of(medium->open_elsewhere()) == Errc::unsupported);
  CHECK(code_of(medium->temperature_millicelsius()) == Errc::unsupported);
  const Page page(4096);
  CHECK(code_of(medium->write_at(page.span(), 0, Transfer::buffered)) == Errc::read_only);
  CHECK(code_of(medium->write_at(page.span(), 0, Transfer::direct)) == Errc::read_only);
}

TEST_CASE("device: identity and facts through the open descriptor") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  const DeviceFacts before = take(platform.inspect_device(loop.node()));
  const auto medium = open_for_writing(platform, loop.node());
  CHECK_FALSE(take(medium->open_elsewhere()));
  const Attributes attributes = take(medium->attributes());
  CHECK(attributes.kind == NodeKind::block_device);
  CHECK(attributes.size_bytes == LoopDevice::kBytes);
  CHECK(attributes.identity == Identity{before.number, before.sequence, 0});
  DeviceFacts now = take(medium->device());
  CHECK(now.path == before.path);
  CHECK(now.number == before.number);
  CHECK(now.sequence == before.sequence);
  CHECK(now.backing_file == loop.file());
  CHECK_FALSE(now.content.has_value());

  std::filesystem::resize_file(loop.file(), 2 * LoopDevice::kBytes);
  REQUIRE(runs("losetup --set-capacity " + loop.node()));
  CHECK(take(medium->device()).size_bytes == 2 * LoopDevice::kBytes);
  CHECK(take(medium->attributes()).size_bytes == 2 * LoopDevice::kBytes);
}

TEST_CASE("device: a device that was taken away and set up again is another one") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  const DeviceFacts before = take(platform.inspect_device(loop.node()));
  if (before.sequence == 0) {
    MESSAGE("skipped: this kernel does not number disks");
    return;
  }
  REQUIRE(runs("losetup -d " + loop.node()));
  if (!runs("losetup " + loop.node() + " " + loop.file())) {
    MESSAGE("skipped: somebody else took the number meanwhile");
    return;
  }
  const DeviceFacts after = take(platform.inspect_device(loop.node()));
  CHECK(after.number == before.number);
  CHECK(after.sequence > before.sequence);
}

TEST_CASE("device: the counters are those of the very device") {
  if (!has_loop_devices()) return;
  const LoopDevice loop("--partscan");
  const std::string part = loop.add_partition(1, kMiB, 4 * kMiB);
  LinuxPlatform platform;
  const auto medium = open_for_writing(platform, part);
  const auto whole = take(platform.open_device(loop.node(), Access::read));
  const Counters before = take(medium->counters());
  const Page page(kMiB, 'c');
  CHECK(take(medium->write_at(page.span(), 0, Transfer::direct)) == kMiB);
  CHECK(take(medium->read_at(page.span(), 0, Transfer::direct)) == kMiB);
  const Counters after = take(medium->counters());
  CHECK(after.sectors_written - before.sectors_written == kMiB / 512);
  CHECK(after.sectors_read - before.sectors_read == kMiB / 512);
  CHECK(take(whole->counters()).sectors_written >= kMiB / 512);
}

TEST_CASE("device: what is on it, and nothing after it was overwritten") {
  if (!has_loop_devices("mkfs.ext4")) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  REQUIRE(runs("mkfs.ext4 -q -F -L accounts " + loop.node()));
  const auto content = take(platform.inspect_device(loop.node())).content;
  REQUIRE(content.has_value());
  REQUIRE(content->size() == 1);
  CHECK(content->front().usage == "filesystem");
  CHECK(content->front().type == "ext4");
  CHECK(content->front().label == "accounts");
  CHECK(content->front().uuid.size() == 36);
  CHECK(content->front().offset == 1080);

  const auto medium = open_for_writing(platform, loop.node());
  CHECK(take(medium->signatures()) == *content);
  const Page page(kMiB);
  for (std::uint64_t at = 0; at < LoopDevice::kBytes; at += kMiB) {
    REQUIRE(take(medium->write_at(page.span(), at, Transfer::direct)) == kMiB);
  }
  CHECK(take(medium->signatures()).empty());
}

TEST_CASE("device: swap areas, partition tables, and what overlaps") {
  if (!has_loop_devices("mkswap")) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  loop.put(dos_table(), 0);
  CHECK(found_in(*take(platform.inspect_device(loop.node())).content) ==
        Found{"partition_table dos 510"});
  REQUIRE(runs("mkswap --force " + loop.node()));
  CHECK(found_in(*take(platform.inspect_device(loop.node())).content) == Found{"other swap 4086"});
  loop.put(dos_table(), 0);
  const auto medium = take(platform.open_device(loop.node(), Access::read));
  CHECK(found_in(take(medium->signatures())) ==
        Found{"partition_table dos 510", "other swap 4086"});
}

TEST_CASE("device: members of larger wholes are recognised") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  // LUKS 1: magic, version, cipher and UUID where its specification puts them.
  loop.put(std::string("LUKS\xba\xbe\0\1", 8), 0);
  loop.put("9e9a32c5-4a5f-4c5e-9d0e-0f6f5c5e1a2b", 168);
  CHECK(found_in(*take(platform.inspect_device(loop.node())).content) ==
        Found{"crypto crypto_LUKS 0"});
}

TEST_CASE("device: a signature that came behind the cache's back is seen") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  const auto medium = open_for_writing(platform, loop.node());
  CHECK(take(medium->signatures()).empty());
  Bytes cached(4096);
  CHECK(take(medium->read_at(cached, 0, Transfer::buffered)) == 4096);
  loop.put(dos_table(), 0);
  CHECK(found_in(take(medium->signatures())) == Found{"partition_table dos 510"});
}

TEST_CASE("device: after drop_cache reads see the medium, by a descriptor opened anew") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  const auto medium = open_for_writing(platform, loop.node());
  const Page page(4096, 'a');
  CHECK(take(medium->write_at(page.span(), 0, Transfer::direct)) == 4096);
  CHECK(take(medium->write_at(page.span(), 4096, Transfer::buffered)) == 4096);
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto open_before = descriptors();
  succeed(medium->flush());
  succeed(medium->drop_cache());
  CHECK(descriptors() == open_before - 1);
  loop.put("changed", 4096);
  Bytes seen(7);
  CHECK(take(medium->read_at(seen, 4096, Transfer::buffered)) == 7);
  CHECK(text_of(seen) == "changed");
  CHECK(take(medium->read_at(page.span(), 0, Transfer::direct)) == 4096);
  CHECK(descriptors() == open_before);
}

TEST_CASE("device: a mounted device is busy, and its facts say why") {
  if (!has_loop_devices("mkfs.ext4")) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  const Mounted mounted(loop);
  const auto opened = platform.open_device(loop.node(), Access::read_write);
  CHECK(code_of(opened) == Errc::busy);
  CHECK(opened.error().hint.find("quietus list") != std::string::npos);
  const DeviceFacts facts = take(platform.inspect_device(loop.node()));
  CHECK(uses_of(facts) == Found{"mount " + loop.name() + " " + mounted.point()});
  CHECK(facts.content.has_value());
  CHECK(platform.open_device(loop.node(), Access::read).ok());
}

TEST_CASE("device: a mounted partition makes the whole disk busy, and the other partition not") {
  if (!has_loop_devices("mkfs.ext4")) return;
  const LoopDevice loop("--partscan");
  const std::string first = loop.add_partition(1, kMiB, 8 * kMiB);
  const std::string second = loop.add_partition(2, 10 * kMiB, kMiB);
  const std::string point = loop.folder() + "/point";
  std::filesystem::create_directory(point);
  REQUIRE(runs("mkfs.ext4 -q -F " + first));
  REQUIRE(runs("mount " + first + " " + point));
  LinuxPlatform platform;
  const Found use = {"mount " + loop.name() + "p1 " + point};
  CHECK(uses_of(take(platform.inspect_device(loop.node()))) == use);
  CHECK(uses_of(take(platform.inspect_device(first))) == use);
  CHECK(uses_of(take(platform.inspect_device(second))).empty());
  CHECK(code_of(platform.open_device(loop.node(), Access::read_write)) == Errc::busy);
  CHECK(code_of(platform.open_device(first, Access::read_write)) == Errc::busy);
  CHECK(platform.open_device(second, Access::read_write).ok());
  CHECK(runs("umount " + point));
}

TEST_CASE("device: swapped to") {
  if (!has_loop_devices("mkswap")) return;
  const LoopDevice loop;
  REQUIRE(runs("mkswap " + loop.node()));
  if (!runs("swapon " + loop.node())) {
    MESSAGE("skipped: swapon is refused here");
    return;
  }
  LinuxPlatform platform;
  const Errc answer = code_of(platform.open_device(loop.node(), Access::read_write));
  const DeviceFacts facts = take(platform.inspect_device(loop.node()));
  REQUIRE(runs("swapoff " + loop.node()));
  CHECK(answer == Errc::busy);
  CHECK(uses_of(facts) == Found{"swap " + loop.name() + " " + loop.node()});
}

TEST_CASE("device: claimed by us, it can't be claimed again, and is free afterwards") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  LinuxPlatform other;
  auto medium = open_for_writing(platform, loop.node());
  CHECK(code_of(platform.open_device(loop.node(), Access::read_write)) == Errc::busy);
  CHECK(code_of(other.open_device(loop.node(), Access::read_write)) == Errc::busy);
  CHECK(other.open_device(loop.node(), Access::read).ok());
  medium.reset();
  CHECK(other.open_device(loop.node(), Access::read_write).ok());
}

TEST_CASE("device: opened exclusively by another process") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  const Holder holder([&] { return ::open(loop.node().c_str(), O_RDONLY | O_EXCL) >= 0; });
  CHECK(code_of(platform.open_device(loop.node(), Access::read_write)) == Errc::busy);
}

TEST_CASE("device: a write-protected device is read-only") {
  if (!has_loop_devices()) return;
  const LoopDevice loop("--read-only");
  LinuxPlatform platform;
  CHECK(take(platform.inspect_device(loop.node())).read_only);
  CHECK(code_of(platform.open_device(loop.node(), Access::read_write)) == Errc::read_only);
  CHECK(platform.open_device(loop.node(), Access::read).ok());
}

/// Whether somebody holds the lock of the device at `node`.
bool is_locked(const std::string& node) {
  const Fd fd(::open(node.c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(fd.valid());
  return ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0;
}

TEST_CASE("device: two partitions share their disk's lock, and the last one frees it") {
  if (!has_loop_devices()) return;
  const LoopDevice loop("--partscan");
  const std::string first = loop.add_partition(1, kMiB, kMiB);
  const std::string second = loop.add_partition(2, 4 * kMiB, kMiB);
  LinuxPlatform platform;
  CHECK_FALSE(is_locked(loop.node()));
  auto one = open_for_writing(platform, first);
  CHECK(is_locked(loop.node()));
  auto other = open_for_writing(platform, second);
  one.reset();
  CHECK(is_locked(loop.node()));
  CHECK(code_of(platform.open_device(loop.node(), Access::read_write)) == Errc::busy);
  other.reset();
  CHECK_FALSE(is_locked(loop.node()));
  CHECK(platform.open_device(loop.node(), Access::read_write).ok());
  CHECK_FALSE(is_locked(loop.node()));
}

TEST_CASE("device: threads that claim partitions of one disk don't hinder each other") {
  if (!has_loop_devices()) return;
  const LoopDevice loop("--partscan");
  const std::array nodes = {loop.add_partition(1, kMiB, kMiB),
                            loop.add_partition(2, 4 * kMiB, kMiB)};
  LinuxPlatform platform;
  std::array<int, 2> opened{};
  const auto claim_often = [&](std::size_t which) {
    for (int round = 0; round < 50; ++round) {
      opened.at(which) += platform.open_device(nodes.at(which), Access::read_write).ok() ? 1 : 0;
    }
  };
  std::thread other([&] { claim_often(1); });
  claim_often(0);
  other.join();
  CHECK(opened == std::array{50, 50});
  CHECK_FALSE(is_locked(loop.node()));
}

TEST_CASE("device: without root, what sysfs tells is there and the rest is unknown") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  const Holder nobody([&] {
    if (::seteuid(65534) != 0) return false;
    LinuxPlatform platform;
    const auto facts = platform.inspect_device(loop.node());
    const auto opened = platform.open_device(loop.node(), Access::read_write);
    return facts && facts->size_bytes == LoopDevice::kBytes && !facts->content &&
           facts->content_unknown == "needs root" && !opened &&
           opened.error().code == Errc::permission && !opened.error().hint.empty();
  });
}

TEST_CASE("device: facts of a partition of a real disk") {
  if (!has_loop_devices()) return;
  const LoopDevice loop("--partscan");
  const std::string node = loop.add_partition(1, kMiB, 3 * kMiB);
  LinuxPlatform platform;
  const DeviceFacts disk = take(platform.inspect_device(loop.node()));
  const DeviceFacts part = take(platform.inspect_device(node));
  CHECK(disk.partitions == Found{part.name});
  CHECK(part.kind == DeviceKind::partition);
  CHECK(part.disk == disk.name);
  CHECK(part.disk_number == disk.number);
  CHECK(part.number != disk.number);
  CHECK(part.sequence == disk.sequence);
  CHECK(part.place == Extent{kMiB, 3 * kMiB});
  CHECK(part.size_bytes == 3 * kMiB);
  CHECK(part.content.has_value());
}

TEST_CASE("device: another process's lock is waited for no longer than asked, and is shown") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  const std::uint64_t number = take(platform.inspect_device(loop.node())).number;
  DiskLocks locks{std::chrono::milliseconds(0)};
  {
    const Holder holder([&] {
      const int fd = ::open(loop.node().c_str(), O_RDONLY);
      return ::flock(fd, LOCK_EX | LOCK_NB) == 0;
    });
    const auto refused = locks.take(number, loop.node());
    CHECK(code_of(refused) == Errc::busy);
    CHECK_FALSE(refused.error().hint.empty());
    const auto uses = uses_of(take(platform.inspect_device(loop.node())));
    REQUIRE(uses.size() == 1);
    const std::string program = first_line("/proc/self/comm");
    CHECK(uses.front().find("lock " + loop.name() + " " + program + " (pid ") == 0);
  }
  CHECK(locks.take(number, loop.node()).ok());
  CHECK(code_of(locks.take(number + 1, loop.node())) == Errc::changed);
  CHECK(code_of(locks.take(number, loop.file())) == Errc::changed);
  CHECK(code_of(locks.take(number, loop.folder() + "/missing")) == Errc::not_found);
}

TEST_CASE("device: our own lock is not somebody else's") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  const auto medium = open_for_writing(platform, loop.node());
  CHECK(take(platform.inspect_device(loop.node())).uses.empty());
}

TEST_CASE("device: the partition table is read again where there can be one") {
  if (!has_loop_devices()) return;
  const LoopDevice plain;
  const LoopDevice scanned("--partscan");
  const std::string part = scanned.add_partition(1, kMiB, kMiB);
  LinuxPlatform platform;
  const Status none = open_for_writing(platform, plain.node())->reread_partitions();
  CHECK(code_of(none) == Errc::unsupported);
  CHECK(none.error().os_code == EINVAL);
  CHECK(code_of(open_for_writing(platform, part)->reread_partitions()) == Errc::unsupported);
  const auto medium = open_for_writing(platform, scanned.node());
  {
    const auto user = take(platform.open_device(part, Access::read));
    CHECK(code_of(medium->reread_partitions()) == Errc::busy);
  }
  CHECK(take(platform.inspect_device(scanned.node())).partitions.size() == 1);
  succeed(medium->reread_partitions());
  CHECK(take(platform.inspect_device(scanned.node())).partitions.empty());
}

TEST_CASE("device: a real device in a recorded machine is neither read nor opened") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  loop.put(dos_table(), 0);
  LinuxPlatform real;
  const DeviceFacts facts = take(real.inspect_device(loop.node()));
  CHECK(facts.content->size() == 1);
  const RecordedMachine machine;
  LinuxPlatform platform("/sys", "/proc", machine.folders().dev);
  REQUIRE(::mknod(machine.node("x").c_str(), S_IFBLK | 0600, facts.number) == 0);
  const DeviceFacts seen = take(platform.inspect_device(machine.node("x")));
  CHECK(seen.number == facts.number);
  CHECK_FALSE(seen.content.has_value());
  CHECK(code_of(platform.open_device(machine.node("x"), Access::read_write)) == Errc::unsupported);
}

}  // namespace
}  // namespace quietus::test
