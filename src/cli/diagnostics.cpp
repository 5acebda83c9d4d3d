// SPDX-License-Identifier: GPL-3.0-or-later
// Diagnostics through spdlog, on standard error.
#include "cli/diagnostics.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace quietus::cli {
namespace {

constexpr const char* kLogger = "quietus";

}  // namespace

void start_diagnostics(bool verbose) {
  spdlog::drop(kLogger);
  if (!verbose) return;
  const auto logger = spdlog::stderr_logger_mt(kLogger);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ debug: %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::debug);
}

void diagnose(const std::string& message) {
  if (const auto logger = spdlog::get(kLogger)) logger->debug("{}", message);
}

}  // namespace quietus::cli
