// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a program that a test compares us with, and gives what it wrote to its standard output.
#pragma once

#include <cstdio>
#include <optional>
#include <string>

namespace quietus {

/// What the shell command wrote; nothing where it could not be run or did not end with 0.
inline std::optional<std::string> output_of(const std::string& command) {
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string output;
  char buffer[4096];
  while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe)) {
    output.append(buffer, size);
  }
  if (pclose(pipe) != 0) return std::nullopt;
  return output;
}

/// Whether the shell finds a program of that name.
inline bool has_program(const std::string& name) {
  return output_of("command -v " + name).has_value();
}

}  // namespace quietus
