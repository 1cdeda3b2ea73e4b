// Reads a compose file with the parser of docker compose itself, which needs no engine, and prints what it has understood as JSON.
//
//	compose-check FILE ENV_FILE PROFILE...
//
// Only the variables of ENV_FILE count, not those of the environment.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if len(os.Args) < 3 {
		fail(fmt.Errorf("usage: compose-check FILE ENV_FILE PROFILE..."))
	}
	options, err := cli.NewProjectOptions(
		[]string{os.Args[1]}, cli.WithEnvFiles(os.Args[2]), cli.WithDotEnv, cli.WithProfiles(os.Args[3:]))
	fail(err)
	project, err := options.LoadProject(context.Background())
	fail(err)
	json, err := project.MarshalJSON()
	fail(err)
	fmt.Println(string(json))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
