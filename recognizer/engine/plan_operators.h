// The operators of ONNX that a network may use, each with the function that takes a node of its kind into the
// plan. What can be said against a node by itself (operator_support.h) has been said before.
#pragma once

#include <span>
#include <string_view>

#include "recognizer/engine/onnx_reader.h"

namespace inkfield::recognizer::planning {

class PlanDraft;

struct Operator {
  std::string_view name;
  void (*take)(PlanDraft& draft, const onnx::Node& node);
};

/// In the order in which messages list them.
std::span<const Operator> operators();
/// Nothing if the operator is not supported.
const Operator* find_operator(std::string_view name);

// plan_windows.cpp
void take_convolution(PlanDraft& draft, const onnx::Node& node);
void take_fully_connected(PlanDraft& draft, const onnx::Node& node);
void take_pool(PlanDraft& draft, const onnx::Node& node);
void take_global_pool(PlanDraft& draft, const onnx::Node& node);
void take_reduce_mean(PlanDraft& draft, const onnx::Node& node);
void take_pad(PlanDraft& draft, const onnx::Node& node);

// plan_arithmetic.cpp
void take_relu(PlanDraft& draft, const onnx::Node& node);
void take_clip(PlanDraft& draft, const onnx::Node& node);
void take_leaky_relu(PlanDraft& draft, const onnx::Node& node);
void take_tanh(PlanDraft& draft, const onnx::Node& node);
void take_sigmoid(PlanDraft& draft, const onnx::Node& node);
void take_add(PlanDraft& draft, const onnx::Node& node);
void take_constant_arithmetic(PlanDraft& draft, const onnx::Node& node);
void take_batch_normalization(PlanDraft& draft, const onnx::Node& node);

// plan_renaming.cpp
void take_flatten(PlanDraft& draft, const onnx::Node& node);
void take_reshape(PlanDraft& draft, const onnx::Node& node);
void take_squeeze(PlanDraft& draft, const onnx::Node& node);
void take_transpose(PlanDraft& draft, const onnx::Node& node);
void take_constant(PlanDraft& draft, const onnx::Node& node);
void take_shape(PlanDraft& draft, const onnx::Node& node);
void take_gather(PlanDraft& draft, const onnx::Node& node);
void take_concat(PlanDraft& draft, const onnx::Node& node);
void take_cast(PlanDraft& draft, const onnx::Node& node);
void take_dequantize(PlanDraft& draft, const onnx::Node& node);
void take_identity(PlanDraft& draft, const onnx::Node& node);
void take_softmax(PlanDraft& draft, const onnx::Node& node);

}  // namespace inkfield::recognizer::planning
