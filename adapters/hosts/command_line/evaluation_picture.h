// The two drawings that show whether a reader can be trusted: its reliability diagram and its error/reject curve.
#pragma once

#include <string>

#include "adapters/hosts/command_line/evaluation_report.h"

namespace inkfield::command_line {

/// An SVG document, whole in itself. Left: each bin's mean confidence against the share that is right, with its 95 % interval, and
/// below it how many answers had which confidence. Right: the share of wrong answers among the accepted ones over the share left to
/// people, with its 95 % interval, the rates of `kWrongRates` and the field's own threshold.
std::string evaluation_picture(const EvaluationReport& report);

}  // namespace inkfield::command_line
