package enjo_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strings"

	"enjobridge/sandbox/enjo"
)

// Send a question to a local agent as to the real one.
func Example() {
	agent, err := enjo.Open(enjo.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer agent.Close()

	body := strings.NewReader(`{"message":{"text":"I forgot my VPN password"}}`)
	r, err := http.NewRequest("POST", agent.URL()+"/v1/bots/"+agent.BotID()+"/message", body)
	if err != nil {
		log.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+agent.Token())
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()

	var reply struct {
		Success bool
		Data    struct {
			Sources []struct{ Name, URL string }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
		log.Fatal(err)
	}
	fmt.Println(reply.Success, reply.Data.Sources[0])
	// Output: true {Reset your VPN password https://help.example.com/it/vpn-password}
}
