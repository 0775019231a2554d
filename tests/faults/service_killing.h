// Kills the service and its workers again and again, and counts what came out.
#pragma once

#include <string>

#include "tests/faults/service_under_test.h"

namespace inkfield::tests {

/// A document that no other has the content of.
std::string unique(int i, const std::string& pages = "brief\n");

/// Every one of `documents` has one result, with its image; nothing is left behind.
void expect_each_once(const ServiceUnderTest& service, int documents);

/// Kills the service or a worker `kills` times at random moments while `documents` drop in, lets it finish, and expects each once, in a CSV file,
/// in SQLite and, where a server of it can be started, in PostgreSQL.
void kill_often(int documents, int kills, unsigned seed);

/// Two services with states of their own on one folder; once half of `documents` are out, the one that is sure to hold claims is killed. Expects
/// each document once, and the other to have adopted the dead one's claims.
void kill_one_of_two(int documents);

}  // namespace inkfield::tests
