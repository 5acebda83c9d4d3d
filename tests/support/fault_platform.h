// SPDX-License-Identifier: GPL-3.0-or-later
// FaultPlatform: any platform, of which exactly the n-th operation fails. A test runs the whole
// once to count, then with n = 1, 2, 3 and so on until the run passes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/platform.h"

namespace quietus::test {

/// Which operations count, and which of them fails how. Names are class and function:
/// "medium.write_at", "directory.rename_at", "platform.locate". Shared by all that a FaultPlatform
/// opens.
class Faults {
 public:
  std::uint64_t fail_at = 0;  ///< from 1; 0: none
  bool persistent = false;    ///< everything that counts fails from there on
  Errc code = Errc::io;
  int os_code = 5;
  /// Empty: all count.
  std::function<bool(std::string_view operation)> counts = {};

  /// Counts, and says whether this one fails. For any thread.
  [[nodiscard]] bool strike(std::string_view operation);
  [[nodiscard]] Error error(std::string_view operation) const;
  [[nodiscard]] std::uint64_t seen() const;  ///< how many counted
  [[nodiscard]] std::string struck() const;  ///< the first that failed; empty: none yet

 private:
  mutable std::mutex mutex_;
  std::uint64_t seen_ = 0;
  std::string struck_;
};

class FaultPlatform final : public Platform {
 public:
  /// `inner` must outlive it.
  explicit FaultPlatform(Platform& inner) : inner_(inner) {}
  [[nodiscard]] Faults& faults() { return *faults_; }

  [[nodiscard]] Result<Location> locate(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<Directory>> open_directory(const std::string& path) override;
  [[nodiscard]] Result<FileSystemFacts> file_system_of(Directory& directory) override;
  [[nodiscard]] Result<FileSystemFacts> file_system_of(Medium& medium) override;
  [[nodiscard]] Result<std::vector<DeviceFacts>> devices() override;
  [[nodiscard]] Result<DeviceFacts> inspect_device(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<Medium>> open_device(const std::string& path,
                                                            Access access) override;
  [[nodiscard]] Result<StoredFile> stored(Medium& file) override;
  [[nodiscard]] Result<std::vector<std::uint64_t>> devices_below(Directory& directory) override;
  [[nodiscard]] Result<std::unique_ptr<Medium>> open_device_number(std::uint64_t number) override;
  [[nodiscard]] Result<std::vector<std::string>> snapshots_of(Directory& directory) override;
  [[nodiscard]] Machine machine() override { return inner_.machine(); }
  [[nodiscard]] Account account() override { return inner_.account(); }
  [[nodiscard]] Result<std::string> program_path() override;
  [[nodiscard]] std::optional<std::string> environment(const std::string& name) override {
    return inner_.environment(name);
  }
  [[nodiscard]] bool is_active_swap(const Identity& identity) override {
    return inner_.is_active_swap(identity);
  }
  [[nodiscard]] unsigned processors() override { return inner_.processors(); }
  [[nodiscard]] std::size_t descriptor_limit() override { return inner_.descriptor_limit(); }

 private:
  Platform& inner_;
  std::shared_ptr<Faults> faults_ = std::make_shared<Faults>();
};

/// Calls run(1), run(2), ... until it says that no operation failed; returns how many runs had a
/// fault. `run` makes a fresh world, sets Faults::fail_at, and answers whether something struck.
/// Throws std::runtime_error after `most` runs.
std::uint64_t fail_each_operation(const std::function<bool(std::uint64_t nth)>& run,
                                  std::uint64_t most = 100'000);

}  // namespace quietus::test
