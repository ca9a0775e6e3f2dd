"""Other checkers behind the protocol of `agent.ground.entail`: any NLI model one names, and a chat model as judge."""
