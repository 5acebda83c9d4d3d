// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus recheck` on a loop device of 20 TiB over a sparse file in memory: more than 2^32
// sectors. Needs root; elsewhere it says "skipped" and why.
#include <array>
#include <cstdlib>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <unistd.h>

#include "cli/app.h"
#include "linux/platform.h"
#include "posix/system_clock.h"
#include "support/fixed_seams.h"
#include "support/loop_device.h"
#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
constexpr std::uint64_t kHuge = std::uint64_t{20} << 40U;
constexpr std::uint64_t kSectors32 = std::uint64_t{1} << 41U;  // 2^32 sectors of 512 bytes

/// A folder with a file of 20 TiB, its loop device, and room for a state folder; all of it goes
/// with the object.
class HugeDevice final {
 public:
  explicit HugeDevice(const std::string& options = {}) {
    std::string folder = "/var/tmp/quietus-huge-XXXXXX";
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
    std::filesystem::create_directory(folder_ + "/memory");
    made_ = runs("mount -t tmpfs -o size=16M quietus-test " + folder_ + "/memory") &&
            runs("truncate -s " + std::to_string(kHuge) + " " + file());
    bool worked = false;
    if (made_) node_ = output_of("losetup --find --show " + options + " " + file(), &worked);
    made_ = made_ && worked;
  }
  HugeDevice(const HugeDevice&) = delete;
  HugeDevice& operator=(const HugeDevice&) = delete;
  ~HugeDevice() {
    bool worked = false;
    if (made_ && output_of("losetup -n -O BACK-FILE " + node_, &worked) == file()) {
      runs("losetup -d " + node_);
    }
    runs("umount " + folder_ + "/memory");
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  /// Whether it is there; says so if not.
  [[nodiscard]] bool there() const {
    if (!made_) MESSAGE("skipped: no loop device over a file of 20 TiB in memory can be made");
    return made_;
  }
  [[nodiscard]] const std::string& node() const { return node_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }

  /// Writes behind the device's back.
  void put(const std::string& bytes, std::uint64_t offset) const {
    const int fd = ::open(file().c_str(), O_WRONLY | O_CLOEXEC);
    const auto put = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    ::close(fd);
    REQUIRE(put == static_cast<ssize_t>(bytes.size()));
  }

 private:
  [[nodiscard]] std::string file() const { return folder_ + "/memory/file"; }

  std::string folder_;
  std::string node_;
  bool made_ = false;
};

/// A certificate of a pass of zeros over all of it, or over a part.
std::string certificate_of(Extent part) {
  const SigningKey machine = key_of("machine");
  Json json =
      Json::parse(sample_statement(TargetKind::image, {signer_of(KeyRole::machine, machine)}));
  Json& predicate = json["predicate"];
  predicate["target"] = "drive";
  predicate["asset"] = {{"kind", "drive"}, {"capacity_bytes", kHuge}};
  predicate["final_content"] = {{"kind", "fixed"}, {"byte_hex", "00"}};
  predicate["exceptions"] = Json::array();
  for (const Extent& rest : {Extent{0, part.offset}, Extent{part.end(), kHuge - part.end()}}) {
    if (rest.empty()) continue;
    predicate["exceptions"].push_back(
        {{"offset_bytes", rest.offset}, {"length_bytes", rest.length}});
  }
  const std::array<const SigningKey*, 1> keys{&machine};
  return sign_statement(json.dump() + "\n", keys);
}

/// Rechecks the part on the running machine; returns the event.
Json recheck(const HugeDevice& device, Extent part, int exit_code,
             const std::vector<std::string>& more = {}) {
  const std::string certificate = device.folder() + "/c.json";
  const std::string key = device.folder() + "/machine.pem";
  std::ofstream(certificate) << certificate_of(part);
  std::ofstream(key) << to_pem(key_of("machine").public_key());
  std::vector<std::string> arguments{"recheck", "--json", "--state-dir", device.folder() + "/state",
                                     "--trust", key,      certificate,   device.node()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  LinuxPlatform platform;
  SystemClock clock;
  FixedRandom random;
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  cli::Console console{in, out, err};
  const auto no_text = [](const auto&) -> Result<std::string> {
    return Error{Errc::unsupported, 0, "nobody to ask"};
  };
  cli::Seams seams{platform,
                   clock,
                   random,
                   console,
                   no_text,
                   no_text,
                   [](StopFlag&, const auto&, const auto& work) { work(); }};
  CHECK(cli::run(arguments, seams) == exit_code);
  CAPTURE(err.str());
  REQUIRE_FALSE(out.str().empty());
  return Json::parse(out.str());
}

std::vector<Extent> differences(const Json& line) {
  std::vector<Extent> places;
  for (const Json& place : line["places"]) {
    CHECK(place["state"] == "mismatch");
    places.push_back({place["offset_bytes"], place["length_bytes"]});
  }
  return places;
}

TEST_CASE("recheck: a sample of 20 TiB, with sectors of 512 and 4096 bytes") {
  if (!has_loop_devices()) return;
  for (const std::string sector : {"512", "4096"}) {
    CAPTURE(sector);
    const HugeDevice device("--sector-size " + sector);
    if (!device.there()) return;
    const Json line = recheck(device, {0, kHuge}, 0, {"--sample", "0.0001"});
    CHECK(line["result"] == "matches");
    CHECK(line["mode"] == "sample");
    CHECK(line["population_bytes"] == kHuge);
    CHECK(line["strata"] >= 1000);
    CHECK(line["compared_bytes"] >= kHuge / 1'000'000);
    CHECK(line["compared_bytes"] < kHuge / 500'000);
    CHECK(line["cache_bypass"] == "direct_io");
    // The last block is part of every sample.
    device.put("x", kHuge - 1);
    const std::uint64_t block = std::stoul(sector);
    CHECK(differences(recheck(device, {0, kHuge}, 4, {"--sample", "0.0001"})) ==
          std::vector<Extent>{{kHuge - block, block}});
  }
}

TEST_CASE("recheck: a foreign area beyond 2^32 sectors is located exactly") {
  if (!has_loop_devices()) return;
  const HugeDevice device;
  if (!device.there()) return;
  for (const std::uint64_t border : {kSectors32, 8 * kSectors32}) {
    CAPTURE(border);
    const Extent part{border - 8 * kMiB, 32 * kMiB};
    CHECK(recheck(device, part, 0)["compared_bytes"] == part.length);
    const Extent foreign{border + 3 * kMiB + 512, kMiB};
    device.put(std::string(foreign.length, 'x'), foreign.offset);
    const Json line = recheck(device, part, 4);
    CHECK(line["left_out_bytes"] == kHuge - part.length);
    CHECK(line["mismatched_bytes"] == foreign.length);
    CHECK(differences(line) == std::vector<Extent>{foreign});
    // What would be hit if an offset lost its upper half.
    CHECK(recheck(device, {foreign.offset - border, kMiB}, 0)["compared_bytes"] == kMiB);
    // A thirtieth of the part is far above what a sample can miss.
    const Json sampled = recheck(device, part, 4, {"--sample", "10"});
    CHECK(sampled["mode"] == "sample");
    for (const Extent& place : differences(sampled)) {
      CHECK(intersection(place, foreign) == place);
    }
  }
}

}  // namespace
}  // namespace quietus::test
