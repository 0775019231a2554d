// One line for each operator.
#include "recognizer/engine/plan_operators.h"

#include <algorithm>

namespace inkfield::recognizer::planning {
namespace {

constexpr Operator kOperators[] = {{"Conv", take_convolution},
                                   {"MaxPool", take_pool},
                                   {"AveragePool", take_pool},
                                   {"GlobalAveragePool", take_global_pool},
                                   {"ReduceMean", take_reduce_mean},
                                   {"Gemm", take_fully_connected},
                                   {"MatMul", take_fully_connected},
                                   {"Add", take_add},
                                   {"Sub", take_constant_arithmetic},
                                   {"Mul", take_constant_arithmetic},
                                   {"Div", take_constant_arithmetic},
                                   {"BatchNormalization", take_batch_normalization},
                                   {"Relu", take_relu},
                                   {"LeakyRelu", take_leaky_relu},
                                   {"PRelu", take_leaky_relu},
                                   {"Clip", take_clip},
                                   {"Tanh", take_tanh},
                                   {"Sigmoid", take_sigmoid},
                                   {"Softmax", take_softmax},
                                   {"LogSoftmax", take_softmax},
                                   {"Pad", take_pad},
                                   {"Flatten", take_flatten},
                                   {"Reshape", take_reshape},
                                   {"Squeeze", take_squeeze},
                                   {"Unsqueeze", take_squeeze},
                                   {"Transpose", take_transpose},
                                   {"Shape", take_shape},
                                   {"Gather", take_gather},
                                   {"Concat", take_concat},
                                   {"Cast", take_cast},
                                   {"DequantizeLinear", take_dequantize},
                                   {"Identity", take_identity},
                                   {"Constant", take_constant},
                                   {"Dropout", take_identity}};

}  // namespace

std::span<const Operator> operators() { return kOperators; }

const Operator* find_operator(std::string_view name) {
  const auto* found = std::find_if(std::begin(kOperators), std::end(kOperators),
                                   [name](const Operator& known) { return known.name == name; });
  return found == std::end(kOperators) ? nullptr : found;
}

}  // namespace inkfield::recognizer::planning
