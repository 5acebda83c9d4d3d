// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus demo`: the main job on a throw-away image, in a temporary folder that is removed again.
#include <algorithm>
#include <ostream>

#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/identifiers.h"
#include "cli/records.h"

namespace quietus::cli {
namespace {

constexpr const char* kSecret = "TOP-SECRET customer record\n";
constexpr std::uint64_t kImageBytes = std::uint64_t{8} << 20;
constexpr const char* kImage = "drive.img";
constexpr const char* kBystander = "untouched.txt";
constexpr const char* kBystanderText = "This file was not named.\n";

/// The folder that the demonstration happens in: made, and emptied and removed at the end.
class DemoFolder {
 public:
  explicit DemoFolder(Seams& seams) : seams_(seams) {}
  DemoFolder(const DemoFolder&) = delete;
  DemoFolder& operator=(const DemoFolder&) = delete;
  ~DemoFolder() {
    if (!parent_) return;
    if (auto folder = parent_->open_directory_at(name_)) empty(**folder);
    static_cast<void>(parent_->remove_directory_at(name_).ok());
  }

  Status make() {
    const auto wanted = seams_.platform.environment("TMPDIR");
    const std::string base =
        wanted ? *wanted : "/var/tmp";  // on a disk, unlike /tmp on many systems
    name_ = "quietus-demo-" + make_uuid_v7(seams_.clock.now(), seams_.random);
    auto parent = seams_.platform.open_directory(base);
    if (!parent) return parent.error();
    if (Status made = (*parent)->make_directory_at(name_, 0700); !made) return made;
    parent_ = std::move(*parent);
    path_ = join(base, name_);
    return {};
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  static void empty(Directory& folder) {
    std::vector<Entry> entries;
    while (true) {
      auto entry = folder.next_entry();
      if (!entry || !*entry) break;
      entries.push_back(**entry);
    }
    for (const Entry& entry : entries) {
      if (auto below = folder.open_directory_at(entry.name)) {
        empty(**below);
        (*below).reset();
        static_cast<void>(folder.remove_directory_at(entry.name).ok());
      } else {
        static_cast<void>(folder.unlink_at(entry.name).ok());
      }
    }
  }

  Seams& seams_;
  std::unique_ptr<Directory> parent_;
  std::string name_;
  std::string path_;
};

Status write_file(Platform& platform, const std::string& path, const std::string& text) {
  Result<Location> location = platform.locate(path);
  if (!location) return location.error();
  auto file = location->directory->create_at(location->name, 0600);
  if (!file) return file.error();
  if (Status written = write_all(**file, bytes_of(text), 0); !written) return written;
  return (*file)->flush();
}

std::string secrets(std::uint64_t bytes) {
  std::string text;
  while (text.size() < bytes) text += kSecret;
  text.resize(bytes);
  return text;
}

std::size_t count_secrets(const std::string& text) {
  std::size_t found = 0;
  for (std::size_t at = text.find("TOP-SECRET"); at != std::string::npos;
       at = text.find("TOP-SECRET", at + 1)) {
    ++found;
  }
  return found;
}

/// The newest certificate in the folder.
std::string certificate_in(Platform& platform, const std::string& folder) {
  auto directory = platform.open_directory(folder);
  std::string newest;
  while (directory) {
    auto entry = (*directory)->next_entry();
    if (!entry || !*entry) break;
    if ((*entry)->name.ends_with(".cert.json")) newest = std::max(newest, (*entry)->name);
  }
  return join(folder, newest);
}

int demonstrate(const Options& options, const std::string& folder, Seams& seams) {
  std::ostream silent(nullptr);
  std::ostream& out = options.quiet ? silent : options.json ? seams.console.err : seams.console.out;
  const std::string image = join(folder, kImage);
  const std::string bystander = join(folder, kBystander);
  const Status image_made = write_file(seams.platform, image, secrets(kImageBytes));
  const Status bystander_made = write_file(seams.platform, bystander, kBystanderText);
  if (!image_made || !bystander_made) {
    print_error(seams.console.err, image_made ? bystander_made.error() : image_made.error());
    return row_of(Outcome::failed).exit_code;
  }
  const auto before = read_text(seams.platform, image, kImageBytes);
  out << "A disk image of " << human_bytes(kImageBytes) << " now holds "
      << (before ? count_secrets(*before) : 0) << " secrets. It will be destroyed.\n\n";
  Options destroy = options;
  destroy.command = Command::drives;
  destroy.paths = {image};
  destroy.yes = true;
  destroy.volatile_state = true;
  destroy.state_dir = join(folder, "state");
  destroy.progress = ProgressChoice::none;
  const int destroyed = run_destroy(destroy, seams);
  Options verify = destroy;
  verify.paths = {certificate_in(seams.platform, join(destroy.state_dir, "certificates"))};
  out << "\nIs the certificate good?\n";
  const int verified = run_certificate_verify(verify, seams);
  const auto after = read_text(seams.platform, image, kImageBytes);
  const auto untouched = read_text(seams.platform, bystander, kImageBytes);
  const bool unharmed = untouched && *untouched == kBystanderText;
  const std::size_t left = after ? count_secrets(*after) : 1;
  out << "\nSecrets left in the image: " << left << "\n"
      << "The file beside it is " << (unharmed ? "unharmed" : "CHANGED") << ".\n";
  if (left > 0 || !unharmed) return row_of(Outcome::failed).exit_code;
  return destroyed != kExitOk ? destroyed : verified;
}

}  // namespace

int run_demo(const Options& options, Seams& seams) {
  DemoFolder folder(seams);
  if (Status made = folder.make(); !made) {
    print_error(seams.console.err, made.error());
    return row_of(Outcome::failed).exit_code;
  }
  return demonstrate(options, folder.path(), seams);
}

}  // namespace quietus::cli
