// The worker's side of `inkfieldd --worker`: loads the plugin and reads what it is asked to, until its input ends.
#pragma once

namespace inkfield::watch_folder {

/// Takes requests from standard input and answers on standard output (message.h says how, worker_process.cpp what). Returns the exit status.
int run_page_worker();

}  // namespace inkfield::watch_folder
