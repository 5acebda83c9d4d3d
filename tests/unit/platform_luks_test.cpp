// SPDX-License-Identifier: GPL-3.0-or-later
// LUKS volumes on claimed devices: what their headers say, and that no passphrase opens them when
// the key slots are destroyed. cryptsetup is the judge.
#include "platform_world.h"
#include "support/loop_device.h"

namespace quietus::test {
namespace {

constexpr std::uint64_t kMiB = 1U << 20;

/// A volume with two key slots.
class Luks final {
 public:
  explicit Luks(const std::string& type, const std::string& more = {})
      : loop_({}, 32 * kMiB), type_(type) {
    put_key("first");
    put_key("second");
    const std::string fast = " --pbkdf pbkdf2 --pbkdf-force-iterations 1000 -q ";
    is_made_ = runs("cryptsetup luksFormat --type " + type + fast + more + " " + loop_.node() +
                    " " + key("first")) &&
               runs("cryptsetup luksAddKey" + fast + "--key-file " + key("first") + " " +
                    loop_.node() + " " + key("second"));
  }
  [[nodiscard]] bool is_made() const {
    if (!is_made_) MESSAGE("skipped: cryptsetup can't make a volume of type ", type_, " here");
    return is_made_;
  }
  [[nodiscard]] bool opens_with(const std::string& name) const {
    return runs("cryptsetup open --test-passphrase --key-file " + key(name) + " " + loop_.node());
  }
  [[nodiscard]] const LoopDevice& loop() const { return loop_; }
  [[nodiscard]] std::string uuid() const {
    return output_of("cryptsetup luksUUID " + loop_.node());
  }

 private:
  [[nodiscard]] std::string key(const std::string& name) const {
    return loop_.folder() + "/key-" + name;
  }
  void put_key(const std::string& name) const { std::ofstream(key(name)) << "passphrase " << name; }

  const LoopDevice loop_;
  const std::string type_;
  bool is_made_ = false;
};

std::unique_ptr<Medium> claimed(Platform& platform, const std::string& node) {
  return take(platform.open_device(node, Access::read_write));
}

void check_destruction(const Luks& luks) {
  LinuxPlatform platform;
  REQUIRE(luks.opens_with("first"));
  REQUIRE(luks.opens_with("second"));
  const auto medium = claimed(platform, luks.loop().node());
  CHECK(take(medium->encrypted_volume()).key_slots == std::vector<int>{0, 1});
  succeed(medium->destroy_key_slots());
  CHECK(take(medium->encrypted_volume()).key_slots.empty());
  CHECK(code_of(platform.open_device(luks.loop().node(), Access::read_write)) == Errc::busy);
  CHECK_FALSE(luks.opens_with("first"));
  CHECK_FALSE(luks.opens_with("second"));
  // Nothing is left to do, and that is no error.
  succeed(medium->destroy_key_slots());
}

TEST_CASE("luks: what the header of a LUKS1 volume says, and the end of its keys") {
  if (!has_loop_devices("cryptsetup")) return;
  const Luks luks("luks1");
  if (!luks.is_made()) return;
  LinuxPlatform platform;
  const auto volume =
      take(take(platform.open_device(luks.loop().node(), Access::read))->encrypted_volume());
  CHECK(volume.type == "LUKS1");
  CHECK(volume.uuid == luks.uuid());
  CHECK(volume.label.empty());
  CHECK(volume.cipher == "aes-xts-plain64");
  CHECK(volume.key_bits >= 256);
  CHECK(volume.data_offset == 2 * kMiB);
  CHECK(volume.header == Extent{0, 2 * kMiB});
  CHECK_FALSE(volume.detached);
  check_destruction(luks);
}

TEST_CASE("luks: what the header of a LUKS2 volume says, and the end of its keys") {
  if (!has_loop_devices("cryptsetup")) return;
  const Luks luks("luks2", "--label mine");
  if (!luks.is_made()) return;
  LinuxPlatform platform;
  const auto volume =
      take(take(platform.open_device(luks.loop().node(), Access::read))->encrypted_volume());
  CHECK(volume.type == "LUKS2");
  CHECK(volume.uuid == luks.uuid());
  CHECK(volume.label == "mine");
  CHECK(volume.cipher == "aes-xts-plain64");
  CHECK(volume.key_bits == 512);
  CHECK(volume.data_offset == 16 * kMiB);
  CHECK(volume.header == Extent{0, 16 * kMiB});
  CHECK_FALSE(volume.detached);
  check_destruction(luks);
}

TEST_CASE("luks: opened for reading, nothing is destroyed") {
  if (!has_loop_devices("cryptsetup")) return;
  const Luks luks("luks2");
  if (!luks.is_made()) return;
  LinuxPlatform platform;
  const auto medium = take(platform.open_device(luks.loop().node(), Access::read));
  CHECK(code_of(medium->destroy_key_slots()) == Errc::read_only);
  CHECK(luks.opens_with("first"));
}

TEST_CASE("luks: looking repairs nothing, and keeps no files") {
  if (!has_loop_devices("cryptsetup")) return;
  const Luks luks("luks2");
  if (!luks.is_made()) return;
  luks.loop().put(std::string(4096, '\0'), 0);
  LinuxPlatform platform;
  const auto medium = claimed(platform, luks.loop().node());
  succeed(medium->drop_cache());
  std::error_code ignored;
  const auto locks = [&] {
    return std::filesystem::last_write_time("/run/cryptsetup", ignored).time_since_epoch();
  };
  const auto before = locks();
  // The second header stands.
  CHECK(take(medium->encrypted_volume()).key_slots.size() == 2);
  CHECK(locks() == before);
  succeed(medium->drop_cache());
  CHECK(luks.loop().get(4096, 0) == std::string(4096, '\0'));
}

TEST_CASE("luks: no volume, and a damaged one") {
  if (!has_loop_devices()) return;
  const LoopDevice loop;
  LinuxPlatform platform;
  CHECK(code_of(claimed(platform, loop.node())->encrypted_volume()) == Errc::not_found);
  CHECK(code_of(claimed(platform, loop.node())->destroy_key_slots()) == Errc::not_found);
  loop.put(std::string("LUKS\xba\xbe\0\1", 8), 0);
  const auto medium = claimed(platform, loop.node());
  succeed(medium->drop_cache());
  CHECK(code_of(medium->encrypted_volume()) == Errc::malformed);
  CHECK(code_of(medium->destroy_key_slots()) == Errc::malformed);
}

TEST_CASE("luks: a header whose data lie elsewhere") {
  if (!has_loop_devices("cryptsetup")) return;
  for (const std::string type : {"luks1", "luks2"}) {
    CAPTURE(type);
    const LoopDevice header;
    const LoopDevice data({}, 32 * kMiB);
    std::ofstream(header.folder() + "/key") << "passphrase";
    const bool is_made = runs("cryptsetup luksFormat --type " + type +
                              " --pbkdf pbkdf2 --pbkdf-force-iterations 1000 -q --header " +
                              header.node() + " " + data.node() + " " + header.folder() + "/key");
    if (!is_made) {
      MESSAGE("skipped: cryptsetup can't make a detached header here");
      return;
    }
    LinuxPlatform platform;
    const auto medium = claimed(platform, header.node());
    const auto volume = take(medium->encrypted_volume());
    CHECK(volume.detached);
    CHECK(volume.header.offset == 0);
    CHECK(volume.header.length > kMiB);
    CHECK(volume.header.length <= 16 * kMiB);
    CHECK(code_of(claimed(platform, data.node())->encrypted_volume()) == Errc::not_found);
    succeed(medium->destroy_key_slots());
    CHECK_FALSE(runs("cryptsetup open --test-passphrase --key-file " + header.folder() + "/key " +
                     header.node()));
  }
}

}  // namespace
}  // namespace quietus::test
