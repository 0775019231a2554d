// The plans of the shipped network and of the smallest that is of use.
#include "recognizer/training/layer_plan.h"

#include "recognizer/training/samples.h"

namespace inkfield::training {

std::vector<LayerPlan> shipped_plan() {
  return {
      {16, 3, 3, 1, 1, 1, 1},          {16, 3, 3, 1, 1, 2, 2},   // 32 x W -> 16 x W/2
      {32, 3, 3, 1, 1, 1, 1},          {32, 3, 3, 1, 1, 2, 2},   // -> 8 x W/4
      {64, 3, 3, 1, 1, 1, 1},          {64, 3, 3, 1, 1, 2, 1},   // -> 4 x W/4
      {64, 3, 3, 1, 1, 1, 1},          {64, 3, 3, 1, 1, 1, 1, true},
      {128, 3, 3, 1, 1, 1, 1},         {192, 4, 3, 0, 1, 1, 1},  // -> 1 x W/4
      {64, 1, 5, 0, 2, 1, 1},          {192, 1, 5, 0, 2, 1, 1, true},  // what stands to the left and to the right
      {64, 1, 5, 0, 2, 1, 1},          {192, 1, 5, 0, 2, 1, 1, true},
      {64, 1, 5, 0, 2, 1, 1},          {192, 1, 5, 0, 2, 1, 1, true},
      {kFramesPerColumn * kClassCount, 1, 1, 0, 0, 1, 1},
  };
}

std::vector<LayerPlan> tiny_plan() {
  return {
      {8, 3, 3, 1, 1, 2, 2},  {16, 3, 3, 1, 1, 2, 2},          {24, 3, 3, 1, 1, 2, 1},
      {48, 4, 3, 0, 1, 1, 1}, {kFramesPerColumn * kClassCount, 1, 1, 0, 0, 1, 1},
  };
}

}  // namespace inkfield::training
