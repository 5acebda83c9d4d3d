// SPDX-License-Identifier: GPL-3.0-or-later
// What the platform's tests share: a folder of their own on a real disk, files in it, and a child
// process that holds something.
#pragma once

#include <array>
#include <cstdlib>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <signal.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "quietus/text.h"

#include "linux/platform.h"

namespace quietus::test {

/// An empty folder below $QUIETUS_TEST_DISK, else below /var/tmp, which unlike /tmp is hardly ever
/// kept in memory. Goes with all that is in it.
class DiskFolder final {
 public:
  DiskFolder() {
    const char* const disk = std::getenv("QUIETUS_TEST_DISK");
    std::string name = std::string(disk == nullptr ? "/var/tmp" : disk) + "/quietus-test-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  DiskFolder(const DiskFolder&) = delete;
  DiskFolder& operator=(const DiskFolder&) = delete;
  ~DiskFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  /// Makes the folders on the way too.
  void put(const std::string& name, const std::string& content) const {
    const std::filesystem::path file = *this / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
  }
  [[nodiscard]] std::string get(const std::string& name) const {
    std::ifstream file(*this / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string path_;
};

/// A child process that does `work`, says so, and lives until the object goes.
class Holder final {
 public:
  explicit Holder(const std::function<bool()>& work) {
    std::array<int, 2> ready{};
    REQUIRE(::pipe(ready.data()) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      const char answer = work() ? 'y' : 'n';
      if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    char answer = 0;
    ::close(ready[1]);
    CHECK(::read(ready[0], &answer, 1) == 1);
    CHECK(answer == 'y');
    ::close(ready[0]);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }

 private:
  pid_t child_ = -1;
};

template <class T>
T take(Result<T> result) {
  REQUIRE_MESSAGE(result.ok(), (result.ok() ? std::string() : result.error().what));
  return *std::move(result);
}

inline void succeed(const Status& status) {
  REQUIRE_MESSAGE(status.ok(), (status.ok() ? std::string() : status.error().what));
}

template <class T>
Errc code_of(const Result<T>& result) {
  REQUIRE_FALSE(result.ok());
  return result.error().code;
}

inline std::unique_ptr<Directory> open_folder(Platform& platform, const DiskFolder& folder) {
  return take(platform.open_directory(folder.path()));
}

}  // namespace quietus::test
