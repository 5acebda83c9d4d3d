// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target: job files and the request in them. Whatever the records' text, nothing crashes, and
// what was read can be asked where it stands.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "quietus/digest.h"
#include "quietus/job_log.h"
#include "quietus/resume.h"
#include "quietus/text.h"

#include "cli/job_request.h"

namespace {

/// The text with the checksum that a whole block has: nobody guesses one.
std::string closed(std::string_view block) {
  const std::string sum = quietus::to_hex(quietus::sha256(quietus::bytes_of(block)));
  return std::string(block) + "--- " + sum.substr(0, 16) + "\n";
}

std::string job_with(std::string_view records) {
  return closed("quietus-job-v1\nid 0\ncreated 2026-01-02T03:04:05Z\nrequest {}\n") + "secret " +
         std::string(64, 'a') + "\n" + closed(records);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as text
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(quietus::job_from(text).ok());
  const auto job = quietus::job_from(job_with(text));
  if (job) static_cast<void>(quietus::standing_of(job->records));
  static_cast<void>(quietus::cli::request_from(std::string(text)).ok());
  return 0;
}
