// Writes a trained network as an ONNX file, without libprotobuf.
#pragma once

#include <map>
#include <string>

namespace inkfield::training {

class CtcNetworkImpl;

/// The ONNX model (IR 8, opset 13) of `network`, batch norm folded: Conv, MaxPool and Relu from `ink`
/// [N,1,32,W] to `scores` [N,C,1,W/4]. `metadata` becomes metadata_props. A plan that was trained on squares of one
/// size alone says so by `fixed_side_px`; then `ink` is [N,1,side,side] and `scores` [N,C,1,1].
std::string to_onnx(const CtcNetworkImpl& network, const std::map<std::string, std::string>& metadata,
                    int fixed_side_px = 0);

/// Replaces the file whole, so that a reader never meets half of it. Throws Error(io_error).
void write_file(const std::string& path, const std::string& bytes);

}  // namespace inkfield::training
