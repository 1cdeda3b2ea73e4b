// Prints what Go's protobuf reads from each argument, a Timestamp in hexadecimal digits: seconds, nanoseconds.
package main

import (
	"encoding/hex"
	"fmt"
	"os"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func main() {
	for _, digits := range os.Args[1:] {
		bytes, err := hex.DecodeString(digits)
		if err != nil {
			fail(err)
		}
		var stamp timestamppb.Timestamp
		if err := proto.Unmarshal(bytes, &stamp); err != nil {
			fail(err)
		}
		fmt.Println(stamp.Seconds, stamp.Nanos)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
