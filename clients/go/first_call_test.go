package client

import (
	"context"
	"testing"
	"time"

	commonv1 "alatau/client/gen/alatau/common/v1"
	freightv1 "alatau/client/gen/alatau/freight/v1"

	"google.golang.org/protobuf/types/known/durationpb"
)

// TestFirstCall is the first call of a newcomer: typed stubs, nothing else.
// One van goes round two stops for 5 + 6 + 5.
func TestFirstCall(t *testing.T) {
	routing := freightv1.NewRoutingServiceClient(connect(t))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()

	answer, err := routing.SolveRoutePlan(ctx, &freightv1.SolveRoutePlanRequest{
		Problem: &freightv1.RoutingProblem{
			Locations:    []*commonv1.Location{place("hub", 0, 0), place("east", 3, 4), place("west", -3, 4)},
			Depots:       []*freightv1.Depot{{Id: "hub", Location: "hub"}},
			VehicleTypes: []*freightv1.VehicleType{{Id: "van", Start: "hub", End: ptr("hub")}},
			Travel:       map[string]*commonv1.Travel{"default": {Kind: &commonv1.Travel_Planar{Planar: &commonv1.PlanarTravel{}}}},
			Visits:       []*freightv1.Visit{{Id: "a", Location: "east"}, {Id: "b", Location: "west"}},
		},
		Options: &commonv1.SolveOptions{TimeLimit: durationpb.New(time.Second)},
	})
	if err != nil {
		t.Fatal(err)
	}

	if plan := answer.GetPlan(); !plan.GetFeasible() || plan.GetCost().GetTotal() != 16 {
		t.Errorf("feasible %v, cost %d; expected true, 16", plan.GetFeasible(), plan.GetCost().GetTotal())
	}
}

func place(id string, x, y float64) *commonv1.Location {
	return &commonv1.Location{
		Id:       id,
		Position: &commonv1.Location_Planar{Planar: &commonv1.PlanarPoint{X: x, Y: y}},
	}
}

func ptr[T any](value T) *T { return &value }
