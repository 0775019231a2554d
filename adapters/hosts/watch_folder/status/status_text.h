// A snapshot in the three forms in which somebody asks for it: JSON, Prometheus' text format, a table for people.
#pragma once

#include <string>

#include "adapters/hosts/watch_folder/service_status.h"

namespace inkfield::watch_folder {

/// One JSON object on one line.
std::string status_json(const ServiceStatus& status);

/// Reads what status_json wrote; keys that are missing keep their defaults. Throws std::invalid_argument: no such JSON.
ServiceStatus status_from_json(const std::string& json);

/// Prometheus' text exposition format, version 0.0.4. Every name begins with inkfield_; counters end in _total.
std::string metrics_text(const ServiceStatus& status);

/// A table for a terminal, safe to print.
std::string render_status_text(const ServiceStatus& status);

}  // namespace inkfield::watch_folder
