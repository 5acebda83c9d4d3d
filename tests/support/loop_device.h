// SPDX-License-Identifier: GPL-3.0-or-later
// LoopDevice: a block device of a test's own over a file of its own. Needs root and losetup; where
// they are missing, the test says "skipped" and why.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <linux/blkpg.h>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace quietus::test {

/// What a shell command prints, without the last line end; `*worked`: whether it ended well.
inline std::string output_of(const std::string& command, bool* worked = nullptr) {
  std::string text;
  FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  for (int letter = std::fgetc(pipe); letter != EOF; letter = std::fgetc(pipe)) {
    text.push_back(static_cast<char>(letter));
  }
  const int status = ::pclose(pipe);
  if (worked != nullptr) *worked = status == 0;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

inline bool runs(const std::string& command) {
  bool worked = false;
  output_of(command + " >/dev/null 2>&1", &worked);
  return worked;
}

/// Whether a loop device can be made here; says so if not.
inline bool has_loop_devices(const std::string& tool = "losetup") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: loop devices need root");
    return false;
  }
  for (const std::string& needed : {std::string("losetup"), tool}) {
    if (runs("command -v " + needed)) continue;
    MESSAGE("skipped: there is no ", needed);
    return false;
  }
  return true;
}

/// Detached, and its file removed, when the object goes.
class LoopDevice final {
 public:
  static constexpr std::uint64_t kBytes = 16U << 20;

  /// `options` are losetup's: "--partscan", "--sector-size 4096", "--read-only".
  explicit LoopDevice(const std::string& options = {}, std::uint64_t bytes = kBytes) {
    std::string folder = "/var/tmp/quietus-loop-XXXXXX";
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
    std::ofstream(file()).put('\0');
    std::filesystem::resize_file(file(), bytes);
    node_ = output_of("losetup --find --show " + options + " " + file());
    REQUIRE(node_.compare(0, 9, "/dev/loop") == 0);
  }
  LoopDevice(const LoopDevice&) = delete;
  LoopDevice& operator=(const LoopDevice&) = delete;
  ~LoopDevice() {
    // By its file: the number may be somebody else's by now.
    if (output_of("losetup -n -O BACK-FILE " + node_ + " 2>/dev/null") == file()) {
      runs("losetup -d " + node_);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] const std::string& node() const { return node_; }
  [[nodiscard]] std::string name() const { return node_.substr(node_.rfind('/') + 1); }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::string file() const { return folder_ + "/image"; }

  /// Writes behind the device's back.
  void put(std::string_view bytes, std::uint64_t offset) const {
    const int fd = ::open(file().c_str(), O_WRONLY | O_CLOEXEC);
    const auto put = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    ::close(fd);
    REQUIRE(put == static_cast<ssize_t>(bytes.size()));
  }
  [[nodiscard]] std::string get(std::size_t length, std::uint64_t offset) const {
    std::string bytes(length, '\0');
    const int fd = ::open(file().c_str(), O_RDONLY | O_CLOEXEC);
    const auto got = ::pread(fd, bytes.data(), length, static_cast<off_t>(offset));
    ::close(fd);
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }
  /// Tells the kernel of a partition, without a table, since not every kernel reads one. Needs
  /// "--partscan". Returns its node.
  [[nodiscard]] std::string add_partition(int number, std::uint64_t start,
                                          std::uint64_t bytes) const {
    blkpg_partition part{};
    part.start = static_cast<long long>(start);
    part.length = static_cast<long long>(bytes);
    part.pno = number;
    blkpg_ioctl_arg request{BLKPG_ADD_PARTITION, 0, sizeof part, &part};
    const int fd = ::open(node_.c_str(), O_RDONLY | O_CLOEXEC);
    const int answer = ::ioctl(fd, BLKPG, &request);
    ::close(fd);
    REQUIRE(answer == 0);
    return node_ + "p" + std::to_string(number);
  }

 private:
  std::string folder_;
  std::string node_;
};

}  // namespace quietus::test
