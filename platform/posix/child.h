// SPDX-License-Identifier: GPL-3.0-or-later
// Work in a child process, so that the program can end though the kernel keeps a thread of it in a
// transfer that hangs: a process whose thread is in one can't end, but another can stop waiting.
#pragma once

#include <functional>

namespace quietus {

/// Runs the work in a child process and returns its exit code. The child ends with this process,
/// and gets the signals that are sent to this one alone. Where there can be no child, the work is
/// done here. `left_behind` is asked in the child after the work: if so, the exit code is returned
/// at once and the child ends when the kernel lets it. Flush streams before, and in `work` at its
/// end. To be called while the process has one thread.
[[nodiscard]] int run_in_child(const std::function<int()>& work,
                               const std::function<bool()>& left_behind);

}  // namespace quietus
