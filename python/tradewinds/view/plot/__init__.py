"""Pictures: ``result.plot.<question>(...)`` draws the frame that ``result.<question>(...)`` returns."""
